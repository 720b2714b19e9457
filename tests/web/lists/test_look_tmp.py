import pytest, random
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.platform.objects.records import create_records, clean
from peyvand.platform.objects.spec import object_named
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.views import create_view

G="نگار ژاله علی‌رضا مینا شیرین آرش پیمان مهسا هانیه مهدی رامین سمیرا ساناز لیلا الهام کاوه".split()
F="رستگار محمودی کریمی صادقی فراهانی موسوی اسدی جلالی غفاری توکلی پورجعفر یزدان‌پناه".split()
C=["بهداشتی آوند طب","صنایع غذایی دلچین","پخش سراسری البرزنوش","رایانه‌گستر مهرگان","فولاد آذرین یزد"]
def fill(cast):
    r=random.Random(1)
    with workspace_scope(cast.arman.id):
        ctx=Context(user_actor(cast.sara.workspace_id,cast.sara.id),"web")
        cs=object_named("company"); ps=object_named("person")
        comps=create_records(ctx,cs,[clean(ctx,cs,{"name":n,"kind":r.choice(["customer","prospect","partner","government"]),"city":"تهران","revenue":r.randint(10**9,10**13),"industry":"غذایی"}) for n in C])
        rows=[clean(ctx,ps,{"given_name":r.choice(G),"family_name":r.choice(F),"company":r.choice(comps).id,"job_title":r.choice(["مدیر خرید","مدیرعامل","کارشناس فروش"]),"city":r.choice(["تهران","اصفهان","یزد"]),"tags":r.choice(["نماینده","عمده‌فروشی","نماینده،عمده‌فروشی",""]),"phones":[f"0912{r.randint(1000000,9999999)}"],"emails":[f"a{i}@avand.example"],"owner":r.choice([cast.sara.id,cast.babak.id,cast.mina.id])}) for i in range(130)]
        create_records(ctx,ps,rows)
        create_view(ctx,object="person",name="مشتریان اصفهان",audience="everyone",condition={"field":"city","op":"is","value":"اصفهان"},is_pinned=True)
        create_view(ctx,object="person",name="تازه‌ها",condition={"field":"created_at","op":"within","value":"this_month"})

def test_cell(committed, signed_in):
    fill(committed)
    p=signed_in(committed.sara)
    p.on("console", lambda m: print("C", m.text)); p.on("pageerror", lambda e: print("E", e))
    p.on("response", lambda r: print(r.request.method, r.status, r.url[-90:]) if "static" not in r.url else None)
    p.goto("/w/arman/people/"); p.wait_for_timeout(500)
    p.dblclick("tbody tr:nth-child(5) td[data-edit$='/company']"); p.wait_for_timeout(700)
    print(p.inner_html("tbody tr:nth-child(5) td.editing"))
    print(p.evaluate("document.activeElement.outerHTML"))
    p.keyboard.press("Escape"); p.wait_for_timeout(200)
    print(p.inner_html("tbody tr:nth-child(5)")[:3000])
    p.dblclick("tbody tr:nth-child(5) td[data-edit$='/city']"); p.wait_for_timeout(500)
    print(p.evaluate("document.activeElement.outerHTML"))
    p.keyboard.type("قم"); p.keyboard.press("Enter"); p.wait_for_timeout(600)
    print(p.inner_text("tbody tr:nth-child(5)"))

def test_look(committed, signed_in):
    fill(committed)
    from django.db import connection; connection.close()
    S="/tmp/lists/shots/"
    for lang,w,theme in (("fa",1440,"light"),("fa",1440,"dark"),("en",1440,"light"),("fa",360,"light")):
        p=signed_in(committed.sara,lang,w,theme)
        errs=[]
        p.on("console", lambda m: errs.append(m.text) if m.type=="error" else None); p.on("pageerror", lambda e: errs.append(str(e)))
        p.goto("/w/arman/people/?filter=%7B%22and%22%3A%5B%7B%22field%22%3A%22city%22%2C%22op%22%3A%22in%22%2C%22value%22%3A%5B%22%D8%AA%D9%87%D8%B1%D8%A7%D9%86%22%2C%22%DB%8C%D8%B2%D8%AF%22%5D%7D%2C%7B%22field%22%3A%22created_at%22%2C%22op%22%3A%22within%22%2C%22value%22%3A%7B%22last%22%3A12%2C%22unit%22%3A%22month%22%7D%7D%5D%7D&sort=name&columns=name,company,phone,tags,city,owner,created_at")
        p.wait_for_timeout(900)
        p.screenshot(path=S+f"list-{lang}-{w}-{theme}.png")
        if w==1440 and lang=="fa" and theme=="light":
            p.keyboard.press("j"); p.keyboard.press("j"); p.keyboard.press("x"); p.keyboard.press("j"); p.keyboard.press("x"); p.keyboard.press("Space")
            p.wait_for_timeout(900); p.screenshot(path=S+"bulk.png")
            p.keyboard.press("Escape")
            p.click(".bulk [hx-post*='bulk/edit']"); p.wait_for_timeout(500); p.select_option("#bulk-which","city"); p.wait_for_timeout(400); p.screenshot(path=S+"bulk-edit.png")
            p.fill("#bulk-inputs input","کاشان"); p.click("#dialog .btn.primary"); p.wait_for_timeout(800); p.screenshot(path=S+"bulk-done.png")
            p.dblclick("tbody tr:nth-child(5) td[data-edit$='/company']"); p.wait_for_timeout(700); p.screenshot(path=S+"cell.png")
            p.keyboard.press("Escape")
            p.dblclick("tbody tr:nth-child(5) td[data-edit$='/city']"); p.wait_for_timeout(500); p.keyboard.type("قم"); p.keyboard.press("Enter"); p.wait_for_timeout(600); p.screenshot(path=S+"cell-saved.png")
            p.click(".fbar .chip.dash"); p.wait_for_timeout(900); p.screenshot(path=S+"filter.png"); p.keyboard.press("Escape")
            p.goto("/w/arman/companies/?columns=name,kind,revenue,city,owner"); p.wait_for_timeout(900); p.screenshot(path=S+"companies.png")
            p.click("summary:has-text('مرتب‌سازی')"); p.wait_for_timeout(300); p.screenshot(path=S+"sort.png")
            p.goto("/w/arman/people/?q=zzzqq"); p.wait_for_timeout(500); p.screenshot(path=S+"empty.png")
            p.goto("/w/arman/people/?filter=%7B%22field%22%3A%22nope%22%2C%22op%22%3A%22is%22%7D"); p.wait_for_timeout(500); p.screenshot(path=S+"bad.png")
        print(lang,w,theme,errs)
