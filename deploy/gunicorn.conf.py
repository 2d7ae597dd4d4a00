"""gunicorn's settings; what differs between installations is read from the environment."""

import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
#: An upload is read in a child process for at most a minute.
timeout = 90
graceful_timeout = 30
keepalive = 5
#: gunicorn would otherwise open a socket in the home folder.
control_socket_disable = True
# What a proxy says of the client is for the application to judge, by TRUSTED_PROXIES; gunicorn would
# believe whoever comes from this machine.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
