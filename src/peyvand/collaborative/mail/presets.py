"""Where the mail of usual providers is fetched and sent, by the domain of an address. Hosts and ports, no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Preset:
    imap_host: str
    smtp_host: str
    imap_port: int = 993
    imap_security: str = "tls"
    smtp_port: int = 465
    smtp_security: str = "tls"


_GOOGLE: Final = Preset("imap.gmail.com", "smtp.gmail.com")
_MICROSOFT: Final = Preset(
    "outlook.office365.com", "smtp-mail.outlook.com", smtp_port=587, smtp_security="starttls"
)
_YAHOO: Final = Preset("imap.mail.yahoo.com", "smtp.mail.yahoo.com")
_APPLE: Final = Preset("imap.mail.me.com", "smtp.mail.me.com", smtp_port=587, smtp_security="starttls")
_BY_DOMAIN: Final = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), _GOOGLE),
    **dict.fromkeys(("outlook.com", "hotmail.com", "live.com", "msn.com"), _MICROSOFT),
    **dict.fromkeys(("yahoo.com", "ymail.com", "rocketmail.com"), _YAHOO),
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), _APPLE),
    "aol.com": Preset("imap.aol.com", "smtp.aol.com"),
    "fastmail.com": Preset("imap.fastmail.com", "smtp.fastmail.com"),
    "zoho.com": Preset("imap.zoho.com", "smtp.zoho.com"),
    "yandex.com": Preset("imap.yandex.com", "smtp.yandex.com"),
    "yandex.ru": Preset("imap.yandex.ru", "smtp.yandex.ru"),
    "gmx.com": Preset("imap.gmx.com", "mail.gmx.com"),
    "gmx.net": Preset("imap.gmx.net", "mail.gmx.net"),
    "web.de": Preset("imap.web.de", "smtp.web.de", smtp_port=587, smtp_security="starttls"),
    "mailbox.org": Preset("imap.mailbox.org", "smtp.mailbox.org"),
}


def preset_for(address: str) -> Preset:
    """What the provider says of itself; of a domain that is not known, what most hosts of companies' mail use."""
    domain = address.rpartition("@")[2].lower()
    return _BY_DOMAIN.get(domain) or Preset(f"mail.{domain}", f"mail.{domain}")
