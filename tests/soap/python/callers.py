"""A server as one port of its WSDL shows it to zeep, how callers say who they are, and how they are refused."""

import base64
import os
from datetime import datetime, timedelta, timezone

import requests
import zeep
from lxml import etree
from served import EMAIL, PASSWORD
from zeep import ns
from zeep.exceptions import Fault, TransportError
from zeep.helpers import serialize_object
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken
from zeep.wsse.utils import WSSE, WSU

AMARA = "01920000-0000-7000-8000-000000000001"
WORDS = "日本語 😀 مرحبا — <b>&amp;</b> \"'"
SPACES = "  two  spaces,\ta tab,\r\nlines\n"
INDIA = timezone(timedelta(hours=5, minutes=30))


class Valid(zeep.Plugin):
    """Holds each answer against the schema of the document; `sent` says whether the latest request keeps it."""

    def __init__(self, document):
        schema = etree.fromstring(document).find(".//{*}types/*")
        # On its own, with the prefixes of what it stood in.
        self.schema = etree.XMLSchema(etree.fromstring(etree.tostring(schema)))

    def egress(self, envelope, http_headers, operation, binding_options):
        self.sent = self.schema.validate(envelope.find("{*}Body")[0])
        return envelope, http_headers

    def ingress(self, envelope, http_headers, operation):
        body = envelope.find("{*}Body")[0]
        fault = etree.QName(body).localname == "Fault"
        for element in body.xpath("*[local-name() = 'detail' or local-name() = 'Detail']/*") if fault else [body]:
            self.schema.assertValid(element)
        return envelope, http_headers


class Site:
    """A server as one port of its WSDL shows it; `service` may do everything, `more` asks for another WSDL."""

    def __init__(self, served, server, port, more=""):
        self.url, self.port, self.wren = f"{server.url}/soap/v1", port, served.wren
        shown = Transport(session=session(apikey=server.secret))
        self.valid = Valid(shown.load(f"{self.url}?wsdl{more}"))
        self.document = zeep.Client(f"{self.url}?wsdl{more}", transport=shown).wsdl
        self.service = self.caller(apikey=server.secret)
        self.anyone = self.caller(apikey=server.key)
        self.basic = self.caller(authorization="Basic " + base64.b64encode(f"apikey:{server.key}".encode()).decode())
        self.nobody = self.caller()
        self.secret, self.stranger = server.secret, {"apikey": server.key}

    def caller(self, wsse=None, **headers):
        client = zeep.Client(self.document, wsse=wsse, transport=Transport(session=session(**headers)), plugins=[self.valid])
        return client.bind("Bistro", self.port)

    def token(self, *words, **options):
        """Somebody who says who they are in the envelope."""
        return self.caller(UsernameToken(*words, **options))

    def said_once(self, ago):
        """A caller with a key whose token bears the same nonce with every call, made so many seconds ago."""
        made = datetime.now(timezone.utc) - timedelta(seconds=ago)
        nonce, created = WSSE.Nonce(base64.b64encode(os.urandom(16)).decode()), WSU.Created(f"{made:%Y-%m-%dT%H:%M:%SZ}")
        token = WSSE.UsernameToken(WSSE.Username("apikey"), WSSE.Password(self.secret), nonce, created)
        return lambda: self.nobody.CountPosts(_soapheaders=[WSSE.Security(token)])

    def signed_in(self):
        return self.caller(authorization=f"Bearer {self.anyone.SignIn(EMAIL, PASSWORD).accessToken}")

    def detail(self, fault):
        """What a fault holds for programs."""
        return self.document.types.deserialize(fault.detail[0]) if fault.detail is not None else None

    def slug(self, name):
        """A name that the other port does not use."""
        return f"{name}-{self.port.lower()}"

    def draft(self, name, **members):
        return {"title": "A title", "slug": self.slug(name), "body": "A body.", "author_id": AMARA, **members}


def session(**headers):
    made = requests.Session()
    made.headers.update(headers)
    return made


def expires(seconds):
    """A wsu:Timestamp that ends so many seconds from now."""
    ends = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return WSU.Timestamp(WSU.Expires(ends.strftime("%Y-%m-%dT%H:%M:%SZ")))


def told(fault, site):
    """A fault's kind and code; one of WS-Security is told by its own code, with or without a detail."""
    codes = [fault.code.rpartition(":")[2]] + [code.localname for code in fault.subcodes or []]
    detail = site.detail(fault)
    if detail is None or any(code.namespace in (ns.WSSE, ns.WSU) for code in fault.subcodes or []):
        return codes[-1]
    if codes not in (["Client"], ["Sender", detail.kind]) or not detail.requestId:
        return f"the codes are {codes}: {detail}"
    return detail.kind, detail.code


def answer(call, site):
    """What a call answers, or how it was refused."""
    try:
        return serialize_object(call(site), dict)
    except Fault as fault:
        return told(fault, site)
    except TransportError as error:
        return f"HTTP {error.status_code}"
