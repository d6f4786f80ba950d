"""Files behind deploy/nginx.conf: nginx sends them, and keeps the headers that make them harmless."""

import httpx

from support.topology import Topology

HOST = {"Host": "chat.example.org"}


def test_nginx_sends_a_file_with_ranges_and_the_headers_that_make_it_harmless(topology: Topology) -> None:
    token = topology.web1.make_people("fay")["fay"]
    headers = HOST | {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=topology.nginx.url, headers=headers, timeout=30) as fay:
        svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
        made = fay.post("/api/v1/files", files={"file": ("pic ü%.svg", svg, "image/png")})
        assert made.status_code == 201, made.text
        url = made.json()["url"]
        answer = fay.get(url)
        assert (answer.status_code, answer.content) == (200, svg)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers
        part = fay.get(url, headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"<svg")
        assert fay.get(url, headers={"Range": "bytes=-6"}).content == b"</svg>"
        several = fay.get(url, headers={"Range": "bytes=0-1,3-4"})
        assert (several.status_code, several.content) == (200, svg)
        assert fay.get(url, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
        assert fay.get("/_files/" + url.split("/")[2][:2]).status_code == 404
        large = fay.post("/api/v1/files", files={"file": ("film.bin", bytes(3 * 1024 * 1024))})
        assert large.status_code == 201, large.text
    stranger = httpx.get(f"{topology.nginx.url}{url}", headers=HOST)
    assert stranger.status_code == 401
