"""English, without the conventions of one country."""
