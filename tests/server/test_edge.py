from __future__ import annotations

import pytest
from tests.server.conftest import Served

from luchtwacht.server.edge import host_name, same_origin


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({"host": "watch.example:8080"}, True),
        ({"host": "watch.example:8080", "origin": "http://watch.example:8080"}, True),
        ({"host": "watch.example", "origin": "https://WATCH.example"}, True),
        ({"host": "watch.example:8080", "origin": "http://watch.example"}, False),
        ({"host": "watch.example", "origin": "http://watch.example.evil"}, False),
        ({"host": "watch.example", "origin": "null"}, False),
    ],
)
def test_only_a_page_of_the_same_host_is_of_the_same_origin(headers: dict[str, str], same: bool) -> None:
    assert same_origin(headers) is same


@pytest.mark.parametrize(
    ("host", "name"), [("a.b:80", "a.b"), ("[::1]:80", "::1"), ("A.B", "a.b"), ("", ""), ("127.0.0.1", "127.0.0.1")]
)
def test_a_host_is_known_by_its_name_alone(host: str, name: str) -> None:
    assert host_name({"host": host}) == name


def test_an_order_from_another_sites_page_is_refused(served: Served) -> None:
    with served.client as client:
        answer = client.post("/api/v1/alerts/1/close", json={"actor": "x"}, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403
    assert served.watch.commands == []


def test_a_foreign_name_pointed_at_this_machine_is_refused(served: Served) -> None:
    with served.client as client:
        assert client.get("/api/v1/site", headers={"host": "evil.example"}).status_code == 403
        assert client.get("/api/v1/site", headers={"host": "localhost:9"}).status_code == 200


def test_the_page_may_load_nothing_from_elsewhere(served: Served) -> None:
    with served.client as client:
        policy = client.get("/api/v1/site").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
