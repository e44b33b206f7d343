"""nginx twice: as the back end that answers from files, and as the reverse proxy to compare with."""

from __future__ import annotations

import os
from pathlib import Path

from bench import payloads

_COMMON = """\
daemon off;
{user}worker_processes {workers};
pid {folder}/{name}.pid;
error_log {folder}/{name}.error.log error;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/{name}.body;
  proxy_temp_path {folder}/{name}.proxy;
  fastcgi_temp_path {folder}/{name}.fastcgi;
  uwsgi_temp_path {folder}/{name}.uwsgi;
  scgi_temp_path {folder}/{name}.scgi;
  keepalive_requests 100000000;
  keepalive_timeout 60s;
  server_tokens off;
"""

_BACK_END = """\
  types { application/json json; text/xml xml; }
  sendfile on;
  tcp_nopush on;
  open_file_cache max=100 inactive=600s;
  map "$content_type $content_length" $answer {
    default none;
%(answers)s
  }
  server {
    listen 127.0.0.1:%(port)d backlog=4096;
    root %(folder)s/answers;
    location / { }
    location /RealService { rewrite ^ /$answer break; error_page 405 =200 /$answer; }
    location /G2W/ { rewrite ^ /webinar.json break; error_page 405 =200 /webinar.json; }
  }
}
"""

_PROXY = """\
  client_body_buffer_size 256k;
  proxy_buffers 16 16k;
  proxy_max_temp_file_size 0;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  upstream back_end { server 127.0.0.1:%(back_end)d; keepalive 2000; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:%(port)d backlog=4096;
    location / { proxy_pass http://back_end; }
    location /streamed/ {
      proxy_pass http://back_end;
      proxy_buffering off;
      proxy_request_buffering off;
      client_max_body_size 0;
    }
  }
}
"""


def write_back_end(folder: Path, port: int) -> Path:
    """Configuration and answers of the back end.

    A POST to ``/RealService`` gets an answer of its own kind and size: the length of the request chooses the file.
    nginx serves no file to a POST, so the refusal (405) is turned into the file.
    """
    answers = folder / "answers"
    answers.mkdir()
    (answers / "webinar.json").write_bytes(payloads.webinar_answer())
    rules = []
    for kind, content_type in payloads.CONTENT_TYPES.items():
        for size, length in payloads.SIZES.items():
            name = f"{length}.{kind}"
            (answers / name).write_bytes(payloads.orders(kind, size).body)
            rules.append(rf'    "~^{content_type}.* \d{{{len(str(length))}}}$" {name};')
    return _write(folder, "back_end", _BACK_END % {"answers": "\n".join(rules), "port": port, "folder": folder})


def write_proxy(folder: Path, port: int, back_end: int, workers: int = 1) -> Path:
    """Configuration of the reverse proxy: keep-alive on both sides, everything in memory, streams below /streamed/."""
    return _write(folder, "nginx", _PROXY % {"port": port, "back_end": back_end}, workers)


def _write(folder: Path, name: str, http: str, workers: int = 1) -> Path:
    path = folder / f"{name}.conf"
    user = "user root;\n" if os.geteuid() == 0 else ""  # else nginx becomes nobody, who cannot read the folder
    path.write_text(_COMMON.format(user=user, workers=workers, folder=folder, name=name) + http)
    return path
