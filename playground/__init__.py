"""The tutorial servers: what guides to WebSockets in Python build, each as one small consumer."""
