"""Addresses of mail beyond those that the toolkit derives."""

from django.urls import path

from peyvand.collaborative.mail.web import accounts, composer, previews, reading

urlpatterns = [
    *(
        path(
            f"{plural}/<int:id>/do/write_mail",
            composer.write,
            {"plural": plural},
            name=f"mail-write-{plural}",
        )
        for plural in ("people", "deals")
    ),
    *(
        path(f"mail_messages/<int:id>/do/{verb}", composer.go_on, {"verb": verb}, name=f"mail-{verb}")
        for verb in ("reply", "forward", "write_again")
    ),
    path("meetings/<int:id>/do/send_minutes", composer.send_minutes, name="mail-minutes"),
    *(
        path(f"{plural}/<int:id>/do/mail", composer.send_paper, {"plural": plural}, name=f"mail-{plural}")
        for plural in ("quotes", "invoices")
    ),
    path("mail/<int:id>", reading.conversation, name="mail-conversation"),
    path("mail/<int:id>/html", reading.frame, name="mail-frame"),
    path("mail_templates/<int:id>/preview", previews.preview, name="mail-preview"),
    path("settings/mail-accounts", accounts.accounts, name="mail-accounts"),
    path("settings/mail-accounts/<int:id>", accounts.account, name="mail-account"),
    path("settings/mail-accounts/<int:id>/test", accounts.test),
    path("settings/mail-accounts/<int:id>/fetch", accounts.fetch),
]
