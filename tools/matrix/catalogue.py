"""Every row of the matrix, in the order of the table."""

from tools.matrix import postgres, proxies, pythons, redis, servers
from tools.matrix.row import Row

ROWS = [
    Row("serve", "`manage.py serve`", servers.serve),
    Row("daphne", "daphne", servers.daphne),
    Row("uvicorn", "uvicorn, `--ws chat.uvicorn:SocketProtocol`", servers.uvicorn_ours),
    Row("uvicorn-websockets", "uvicorn, `--ws websockets-sansio`", servers.uvicorn_websockets),
    Row("uvicorn-wsproto", "uvicorn, `--ws wsproto`", servers.uvicorn_wsproto),
    Row("gunicorn", "gunicorn with a uvicorn worker", servers.gunicorn),
    Row("hypercorn", "hypercorn", servers.hypercorn),
    Row("granian", "granian", servers.granian),
    Row("nginx", "nginx, `deploy/nginx.conf`", proxies.nginx),
    Row("haproxy", "HAProxy", proxies.haproxy),
    Row("caddy", "Caddy", proxies.caddy),
    Row("traefik", "Traefik", proxies.traefik),
    Row("redis", "Redis", redis.plain),
    Row("redis-tls", "Redis, `rediss://`", redis.tls),
    Row("redis-acl", "Redis, a user with channel rights", redis.rights),
    Row("redis-sentinel", "Redis behind Sentinels", redis.sentinel),
    Row("valkey", "Valkey", redis.valkey),
    Row("postgres-c", "PostgreSQL, locale C", postgres.locale("LOCALE 'C'")),
    Row("postgres-c-utf8", "PostgreSQL, locale C.UTF-8", postgres.locale("LOCALE 'C.UTF-8'")),
    Row("postgres-en", "PostgreSQL, locale en_US.UTF-8", postgres.locale("LOCALE 'en_US.UTF-8'", libc="en_US.UTF-8")),
    Row("postgres-icu-de", "PostgreSQL, ICU de", postgres.locale("LOCALE_PROVIDER icu ICU_LOCALE 'de' LOCALE 'C'")),
    Row("postgres-icu-tr", "PostgreSQL, ICU tr", postgres.locale("LOCALE_PROVIDER icu ICU_LOCALE 'tr' LOCALE 'C'")),
    Row("django-5.2", "Django 5.2", pythons.django("5.2", "dev.txt")),
    Row("django-6.0", "Django 6.0", pythons.django("6.0", "dev.txt", "django-6.0.txt", at_least="3.12")),
    Row("shop-5.2", "the chat in another project, Django 5.2", pythons.django("5.2", "dev.txt", shop=True)),
    Row(
        "shop-6.0",
        "the chat in another project, Django 6.0",
        pythons.django("6.0", "dev.txt", "django-6.0.txt", at_least="3.12", shop=True),
    ),
    *(
        Row(f"python-{version}", f"Python {version}", pythons.python(version))
        for version in ("3.11", "3.12", "3.13", "3.14")
    ),
]
