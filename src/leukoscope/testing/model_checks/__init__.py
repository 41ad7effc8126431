"""The checks of networks, one promise a function."""
