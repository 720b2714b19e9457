import time
from typing import Any

from django.db import connection

from peyvand.operational.sales.models import Deal, Pipeline, Stage
from peyvand.platform.workspaces.scope import workspace_scope


def test_perf(committed: Any, deal: Any, open_stages: Any, superuser: Any) -> None:
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import user_actor
    from peyvand.platform.identity.models import Membership
    from peyvand.platform.identity.sessions import ACCOUNT, SessionStore
    from django.test import Client
    cast=committed
    def acting(u): return Context(user_actor(u.workspace_id,u.id),'web')
    def visiting(u):
        s=SessionStore(); s[ACCOUNT]=Membership.objects.get(workspace_id=u.workspace_id,user_id=u.id).account_id; s.create(); c=Client(); c.cookies['peyvand_session']=s.session_key; return c
    ws = cast.arman.id
    with workspace_scope(ws):
        p = Pipeline.objects.get(is_default=True)
        for n in range(5):
            Stage.objects.create(workspace_id=ws, pipeline=p, name=f"S{n}", position=20 + n, probability=50)
        d = deal(acting(cast.sara), "seed", open_stages()[0], amount="1000")
        stages = [s.id for s in open_stages()]
        cols = [
            f.column
            for f in Deal._meta.local_concrete_fields
            if not f.generated and f.column not in ("id", "stage_id", "board_rank", "amount", "external_id")
        ]
        with connection.cursor() as c:
            c.execute(
                f"insert into deal ({','.join(cols)}, stage_id, board_rank, amount) select {','.join('d.' + x for x in cols)}, (array[{','.join(map(str, stages))}])[1+n%%10], n*1000, n*1000 from deal d, generate_series(1,200000) n where d.id=%s",
                [d.id],
            )
    superuser.execute("vacuum analyze deal")
    superuser.execute("analyze")
    for who in ("sara", "babak"):
        client = visiting(getattr(cast, who))
        times = []
        for _ in range(12):
            t = time.perf_counter()
            r = client.get("/w/arman/deals/board")
            times.append(round((time.perf_counter() - t) * 1000))
        print(who, r.status_code, sorted(times), len(r.content))
    with workspace_scope(ws), connection.cursor() as c:
        c.execute("select relname from pg_class where relname='deal'")
        from django.test.utils import CaptureQueriesContext
    import gzip

    print("gz", len(gzip.compress(r.content)))
    with CaptureQueriesContext(connection) as q:
        visiting(cast.sara).get("/w/arman/deals/board")
    big = [x for x in q if "COUNT(*)" in x["sql"] or "lateral" in x["sql"]]
    for x in big:
        print(x["time"])
    with workspace_scope(ws), connection.cursor() as c:
        for x in big:
            c.execute("explain (analyze, buffers, costs off) " + x["sql"])
            print("\n".join(r[0] for r in c.fetchall())[:2500])
            print()
    assert 0
