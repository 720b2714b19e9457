import time
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.platform.objects.records import create_records, clean
from peyvand.platform.objects.spec import object_named
from django.test.utils import CaptureQueriesContext
from django.db import connection
import gzip, pytest

@pytest.mark.django_db
def test_smoke(cast, acting, browse):
    spec = object_named("person")
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        rows=[clean(ctx, spec, {"given_name": f"نام{i}", "family_name":"کریمی", "city":"تهران","tags":"نماینده","phones":[f"0912000{i:04}"]}) for i in range(120)]
        create_records(ctx, spec, rows)
    c = browse(cast.sara)
    for _ in range(3):
        t=time.perf_counter()
        with CaptureQueriesContext(connection) as q:
            r = c.get("/w/arman/people/")
        print(r.status_code, len(r.content), len(gzip.compress(r.content)), len(q), time.perf_counter()-t)
    for x in q: print(x["sql"][:200])
    __import__("pathlib").Path("/tmp/lists/out.html").write_bytes(r.content)
    for u in ("count","filter","1/peek"):
        r=c.get(f"/w/arman/people/{u}"); print(u, r.status_code, r.content[:300].decode())
