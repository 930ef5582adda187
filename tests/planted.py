"""Domain XML with a secret in every place, all of them recognised by their ending ``qz``."""

from __future__ import annotations

import random
import re

QEMU = "http://libvirt.org/schemas/domain/qemu/1.0"

#: Devices with secrets, and the paths of these.
DEVICES = {
    "<graphics type='vnc' port='-1' passwd='v1qz'/>": ["graphics/@passwd"],
    '<graphics type="spice"\n   passwd = "s&#112;2qz"\n   passwdValidTo=\'2030-01-01T00:00:00\'/>': [
        "graphics[2]/@passwd"
    ],
    "<graphics type='rdp' username='u3qz' passwd='p3&apos;qz&amp;qz'/>": [
        "graphics[3]/@username",
        "graphics[3]/@passwd",
    ],
    "<disk type='network'><source protocol='https' name='a/b?token=t4qz' query='x=1&amp;sig=s4qz&amp;token=t5qz'>"
    "<host name='h'/><cookies><cookie name='c'>\n c6qz </cookie><cookie name='d'><![CDATA[c<7>qz]]></cookie></cookies>"
    "</source><target dev='vda'/><backingStore type='network'><source protocol='https' name='x'><cookies>"
    "<cookie name='e'>c8qz</cookie></cookies></source></backingStore>"
    "<mirror type='network'><source protocol='https' name='m' query='password=m9qz'/></mirror></disk>": [
        "disk/source/@name",
        "disk/source/@query",
        "disk/source/cookies/cookie",
        "disk/source/cookies/cookie[2]",
        "disk/backingStore/source/cookies/cookie",
        "disk/mirror/source/@query",
    ],
    "<disk type='file'><source file='https://user:u10qz@host/image'/><target dev='vdb'/></disk>": [
        "disk[2]/source/@file"
    ],
    '<disk type=\'file\'><source file=\'json:{"driver":"https","url":"https://u:j11qz@h/","cookie":"j12qz"}\'/>'
    "<target dev='vdc'/></disk>": ["disk[3]/source/@file"],
    "<disk type='network'><source protocol='iscsi' name='iscsi://user%25i13qz@host/iqn.x/1'/><target dev='vdd'/>"
    "<auth username='admin'><secret type='iscsi' usage='the-usage'>i14qz</secret></auth></disk>": [
        "disk[4]/source/@name",
        "disk[4]/auth/secret",
    ],
    "<disk type='block'><encryption format='luks'><secret type='passphrase' "
    "uuid='0a81f5b2-8403-7b23-c8d6-21ccc2f80d6f'>e15qz</secret></encryption><target dev='vde'/></disk>": [
        "disk[5]/encryption/secret"
    ],
    "<frobnicator password='f16qz'><password>f17qz</password></frobnicator>": [
        "frobnicator/@password",
        "frobnicator/password",
    ],
    "<!-- <graphics type='vnc' passwd='k18qz'/> password: k19qz -->": ["comment()"],
    "<!--<disk><source><cookies><cookie name='a'>k57qz</cookie></cookies></source></disk> and <x/> token=k58qz"
    "<q:commandline><q:arg value='secret,id=s0,data=k59qz'/><q:env name='API_KEY' value='k60qz'/></q:commandline>-->": [
        "comment()"
    ],
    "<?note password='k61qz'?>": ["processing-instruction()"],
    "<emulator cmdline='-vnc :0,password=x20qz'/>": ["emulator/@cmdline"],
}

#: Below ``<os>``.
BOOT = {
    "<kernel>https://user:b21qz@host/vmlinuz?sig=b22qz</kernel>": ["kernel"],
    "<cmdline>root=/dev/vda password=&quot;b23 qz&quot; luks.passphrase=b24qz <![CDATA[secret=b25&qz]]> "
    "ks=ftp://u:b26qz@h/ks.cfg pass<!-- split -->word=b27qz se<?split?>cret=b62qz rd.luks.key=/etc/luks.key</cmdline>": [
        "cmdline"
    ],
    "<nvram type='network'><source protocol='https' name='n'><cookies><cookie name='n'>b56qz</cookie></cookies>"
    "</source></nvram>": ["nvram/source/cookies/cookie"],
    "<init>/sbin/init</init><initarg>--password</initarg><initarg>b28 qz</initarg>": ["initarg[2]"],
    "<initarg>--token=b29 qz</initarg>": ["initarg[3]"],
    "<initarg>mysql --password b30qz -h db</initarg>": ["initarg[4]"],
    "<initenv name='DB_PASSWORD'>b31 qz</initenv>": ["initenv"],
    "<!-- <initenv name='DB_PASSWORD'>b63 qz</initenv><cmdline>password=b64qz</cmdline> -->": [
        "comment()"
    ],
    "<initenv name='DB_URL'>postgres://u:b32qz@h/db</initenv>": ["initenv[2]"],
}

#: Elements of QEMU's namespace, without prefix.
COMMAND_LINE = {
    "arg value='-object'": "",
    "arg value='secret,id=s0,data=q33qz,format=raw'": "arg[2]/@value",
    "arg value='{&quot;qom-type&quot;:&quot;secret&quot;,&quot;data&quot;:&quot;q34qz&quot;}'": "arg[3]/@value",
    'arg\n value\n=\n"file=rbd:p/i:id=admin:key=q35qz:conf=x,password=q36 ,,qz,password-secret=s0"': "arg[4]/@value",
    "arg value='-append'": "",
    "arg value='console=ttyS0 password=q37qz'": "arg[6]/@value",
    "env name='API_TOKEN' value='q38 qz'": "env/@value",
    "env value='https://u:q39qz@h' name='PROXY'": "env[2]/@value",
}

#: What only a choice removes: the XML below ``<domain>``, and its paths.
CHOSEN = {
    "sysinfo": (
        "<sysinfo type='smbios'><system><entry name='serial'>y40qz</entry></system>"
        "<oemStrings><entry>y41qz</entry><entry>y42qz</entry></oemStrings></sysinfo>"
        "<sysinfo type='fwcfg'><entry name='opt/x'>y43qz</entry><entry name='opt/y' file='/kept'/></sysinfo>",
        [
            "sysinfo/system/entry",
            "sysinfo/oemStrings/entry",
            "sysinfo/oemStrings/entry[2]",
            "sysinfo[2]/entry",
        ],
    ),
    "metadata": (
        "<metadata><a:note xmlns:a='urn:a' by='m44qz' a:to='m45qz'>m46qz<a:b>m47qz</a:b><!-- m48qz --></a:note></metadata>",
        [
            "metadata/{urn:a}note/@by",
            "metadata/{urn:a}note/@{urn:a}to",
            "metadata/{urn:a}note",
            "metadata/{urn:a}note/{urn:a}b",
            "metadata/{urn:a}note/comment()",
        ],
    ),
    "description": (
        "<title>d49qz</title><description>d50\nqz</description>",
        ["title", "description"],
    ),
    "launch_security": (
        "<launchSecurity type='sev'><policy>0x1</policy><dhCert>l51qz</dhCert><session>l52qz</session>"
        "<idBlock>l53qz</idBlock><idAuth>l54qz</idAuth><hostData>l55qz</hostData></launchSecurity>",
        [
            "launchSecurity/" + name
            for name in ("dhCert", "session", "idBlock", "idAuth", "hostData")
        ],
    ),
}


def domain(prefix: str = "qemu", chosen: str = "") -> str:
    """A domain with everything that is always removed."""
    command_line = "".join(f"<{prefix}:{element}/>" for element in COMMAND_LINE)
    return (
        f"<domain type='kvm' xmlns:{prefix}='{QEMU}'><name>planted</name>"
        f"<uuid>aaaaaaaa-0000-4000-8000-000000000077</uuid><memory>1</memory>{chosen}"
        f"<os><type>hvm</type>{''.join(BOOT)}</os><devices>{''.join(DEVICES)}</devices>"
        f"<{prefix}:commandline>{command_line}</{prefix}:commandline></domain>"
    )


def is_remark(path: str) -> bool:
    """A path that is no part of the content."""
    return path.endswith(("comment()", "processing-instruction()"))


def paths(root: str = "") -> list[str]:
    """The paths of its secrets, in document order."""
    clark = "{" + QEMU + "}"
    found = ["os/" + path for some in BOOT.values() for path in some]
    found += ["devices/" + path for some in DEVICES.values() for path in some]
    found += [f"{clark}commandline/{clark}{path}" for path in COMMAND_LINE.values() if path]
    return list(dict.fromkeys(root + path for path in found))


_MARKUP = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>|[^<]+", re.DOTALL
)
_VALUE = re.compile(r"(=\s*)(\"[^\"]*\"|'[^']*')")
_CHARACTER = re.compile(r"&[^;]+;|.", re.DOTALL)


def rewritten(text: str, seed: int) -> str:
    """The same document written otherwise: character references, CDATA, comments in between."""
    chance = random.Random(seed)
    share = chance.choice([0.0, 0.02, 0.2, 1.0])

    def referred(raw: str) -> str:
        written = []
        for character in _CHARACTER.findall(raw):
            if len(character) == 1 and character not in "\n\r\t" and chance.random() < share:
                form = chance.choice(["&#{0};", "&#x{0:x};", "&#0{0};"])
                character = form.format(ord(character))
            written.append(character)
        return "".join(written)

    def value(match: re.Match[str]) -> str:
        quoted = match.group(2)
        if QEMU in quoted:
            return match.group()
        return match.group(1) + quoted[0] + referred(quoted[1:-1]) + quoted[-1]

    parts = []
    for part in _MARKUP.findall(text):
        if part.startswith(("<!", "<?")):
            parts.append(part)
        elif part.startswith("<"):
            parts.append(_VALUE.sub(value, part))
        elif "&" not in part and chance.random() < 0.3:
            at = chance.randrange(len(part) + 1)
            extra = chance.choice(["<!--c-->", "<?pi?>", "<![CDATA[]]>"])
            parts.append(part[:at] + extra + part[at:])
        else:
            parts.append(referred(part))
    return "".join(parts)
