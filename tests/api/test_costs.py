"""How many statements the most frequent requests of programs take: what they wait for is the way to the database."""

from __future__ import annotations

PERSON = {
    "given_name": "ندا",
    "family_name": "رستمی",
    "phones": [{"value": "09120000001"}, {"value": "02188000000", "label": "work"}],
    "emails": ["neda@example.com"],
    "addresses": [{"city": "تهران", "street": "ولیعصر ۱"}],
    "tags": ["مهم", "نمایشگاه"],
}


def test_a_read_takes_one_statement_besides_its_token_whatever_hangs_on_the_record(
    sara, django_assert_num_queries
):
    made = sara.post("people", PERSON).json
    for _ in range(2):
        sara.get(f"people/{made['id']}")
    with django_assert_num_queries(4):  # the transaction's two, the token, the record
        read = sara.get(f"people/{made['id']}").json
    assert read == made
    assert [p["value"] for p in read["phones"]] == ["+989120000001", "+982188000000"]
    assert [p["primary"] for p in read["phones"]] == [True, False]
    assert [e["value"] for e in read["emails"]] == ["neda@example.com"]
    assert [a["city"] for a in read["addresses"]] == ["تهران"]
    assert [t["name"] for t in read["tags"]] == ["مهم", "نمایشگاه"]


def test_lists_show_what_hangs_on_their_records_by_the_same_statement(sara, django_assert_num_queries):
    sara.post("people", PERSON)
    sara.post("people", {"family_name": "تنها"})
    sara.get("people", fields="phones,tags")
    with django_assert_num_queries(4):
        items = sara.get("people", fields="phones,tags").json["items"]
    assert [[p["value"] for p in item["phones"]] for item in items] == [
        [],
        ["+989120000001", "+982188000000"],
    ]
    assert [len(item["tags"]) for item in items] == [0, 2]


def test_a_create_writes_record_search_audit_and_event_in_a_few_statements(
    sara, django_assert_max_num_queries
):
    for n in range(2):
        sara.post("people", {"family_name": f"کریمی {n}", "phones": ["0912000000" + str(n)]})
    with django_assert_max_num_queries(10):  # the transaction's two, then eight
        sara.post("people", {"family_name": "کریمی", "phones": ["09120000009"]})
