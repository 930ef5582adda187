"""What of a text is secret: everything up to ``qz`` is, and nothing else."""

from __future__ import annotations

import time

import pytest
from ansible_collections.virtledger.libvirt.plugins.module_utils import _secrets
from ansible_collections.virtledger.libvirt.plugins.module_utils._secrets import Finder

ARGUMENT = _secrets.argument("")
WORD = _secrets.word("")


def cut(find: Finder, text: str) -> str:
    """The text with a star for every secret."""
    for start, end in sorted(find(text), reverse=True):
        text = text[:start] + "\0" * (end - start) + text[end:]
    while "\0\0" in text:
        text = text.replace("\0\0", "\0")
    return text.replace("\0", "*")


@pytest.mark.parametrize(
    ("find", "text", "left"),
    [
        (ARGUMENT, "secret,id=s0,data=aqz,format=base64", "secret,id=s0,data=*,format=base64"),
        (ARGUMENT, "-object secret,data=a,,b qz,id=s0", "-object secret,data=*,id=s0"),
        (
            ARGUMENT,
            '{"qom-type": "secret", "data": "a\\"qz", "id": "s"}',
            '{"qom-type": "secret", "data": "*", "id": "s"}',
        ),
        (ARGUMENT, "{'qom-type':'secret','data':'aqz'}", "{'qom-type':'secret','data':'*'}"),
        (
            ARGUMENT,
            'json:{"url":"https://u:aqz@h","cookie":"aqz"}',
            'json:{"url":"https://u:*@h","cookie":"*"}',
        ),
        (ARGUMENT, '{"password": 1234}', '{"password": *}'),
        (ARGUMENT, ":0,password=aqz,tls-creds=x", ":0,password=*,tls-creds=x"),
        (
            ARGUMENT,
            "port=5900,password=a b qz,disable-ticketing=off",
            "port=5900,password=*,disable-ticketing=off",
        ),
        (
            ARGUMENT,
            "file=rbd:p/i:id=me:key=a\\:qz:mon=h,if=none",
            "file=rbd:p/i:id=me:key=*:mon=h,if=none",
        ),
        (
            ARGUMENT,
            "file=rbd:p/i:x=AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
            "file=rbd:p/i:x=*",
        ),
        (
            ARGUMENT,
            "-append console=ttyS0 password=aqz quiet",
            "-append console=ttyS0 password=* quiet",
        ),
        (ARGUMENT, "iscsi://user%aqz@host/iqn/0", "iscsi://user%*@host/iqn/0"),
        (_secrets.argument("-append"), 'x=1 password="a qz" quiet', 'x=1 password="*" quiet'),
        (_secrets.argument("--password"), "a qz", "*"),
        (_secrets.option("password"), "aqz", "*"),
        (_secrets.kernel_line, 'ro "password=a qz" token=aqz', 'ro "password=*" token=*'),
        (_secrets.kernel_line, 'PASSWD=a"b c"qz x', "PASSWD=* x"),
        (
            _secrets.kernel_line,
            "luks.passphrase=aqz luks.key=c0ffeeqz",
            "luks.passphrase=* luks.key=*",
        ),
        (
            _secrets.kernel_line,
            "systemd.set_credential=name:aqz x=y",
            "systemd.set_credential=name:* x=y",
        ),
        (
            _secrets.kernel_line,
            "inst.ks=ftp://u:a@qz@h/k ignition.config.url=https://u:aqz@h/i.ign",
            "inst.ks=ftp://u:*@h/k ignition.config.url=https://u:*@h/i.ign",
        ),
        (
            _secrets.kernel_line,
            "netroot=iscsi:user:aqz@10.0.0.1::iqn",
            "netroot=iscsi:user:*@10.0.0.1::iqn",
        ),
        (_secrets.kernel_line, "root=//u:aqz@server/share", "root=//u:*@server/share"),
        (_secrets.kernel_line, "cifsopts=user=x,pass=aqz,ro", "cifsopts=user=x,pass=*,ro"),
        (
            _secrets.kernel_line,
            "ds=nocloud;s=http://h/;password=aqz x",
            "ds=nocloud;s=http://h/;password=* x",
        ),
        (
            _secrets.kernel_line,
            'dm-mod.create="r,,,ro,0 9 crypt aes-xts 00112233445566778899aabbccddeeff 0 /dev/sda 0"',
            'dm-mod.create="r,,,ro,0 9 crypt aes-xts * 0 /dev/sda 0"',
        ),
        (WORD, "--password=a b qz", "--password=*"),
        (WORD, "mysql --password 'a qz' -u x", "mysql --password '*' -u x"),
        (WORD, "curl -H 'Authorization: Bearer aqz'", "curl -H 'Authorization: *'"),
        (_secrets.word("--token"), "aqz", "*"),
        (_secrets.environment("API_KEY"), "aqz", "*"),
        (_secrets.environment("URL"), "postgres://u:aqz@h/db", "postgres://u:*@h/db"),
        (
            _secrets.environment("X"),
            "-----BEGIN RSA PRIVATE KEY-----\na\nqz\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----*-----END RSA PRIVATE KEY-----",
        ),
        (
            _secrets.query,
            "a=1&token=aqz&sig=a;qz&X-Amz-Signature=aqz&%74oken=aqz&b=2",
            "a=1&token=*&sig=*&X-Amz-Signature=*&%74oken=*&b=2",
        ),
        (_secrets.location, "https://u:aqz@h/p?sig=aqz&a=b", "https://u:*@h/p?sig=*&a=b"),
        (_secrets.location, 'json:{"file.cookie":"aqz"}', 'json:{"file.cookie":"*"}'),
        (_secrets.shell, "<graphics passwd='a qz'/> token: aqz", "<graphics passwd='*'/> token: *"),
        (_secrets.guest_strings, "name=opt/x,string=aqz", "name=opt/x,string=*"),
        (_secrets.guest_strings, "-smbios type=11,value=aqz", "-smbios type=11,*"),
        (_secrets.whole, "\n a qz\t", "\n *\t"),
    ],
)
def test_a_secret(find: Finder, text: str, left: str) -> None:
    found = cut(find, text).replace("**", "*").replace("* *", "*")
    assert found == left


@pytest.mark.parametrize(
    ("find", "text"),
    [
        (ARGUMENT, "secret,id=s0,file=/etc/key,keyid=s1,iv=x"),
        (ARGUMENT, "port=5900,password-secret=s0,file.key-secret=s1"),
        (ARGUMENT, ":0,password=on,tls-creds=t0"),
        (ARGUMENT, ":0,password"),
        (ARGUMENT, '{"driver":"luks","key-secret":"s0","password-secret":"s1"}'),
        (ARGUMENT, "tls-creds-x509,id=t,passwordid=s0,dir=/etc/pki"),
        (ARGUMENT, "virtio-blk-pci,drive=data,serial=x"),
        (ARGUMENT, "ssh://root@host:22/path"),
        (ARGUMENT, "name=opt/x,string=kept"),
        (_secrets.argument("--password"), "--verbose"),
        (_secrets.option("password-secret"), "s0"),
        (_secrets.kernel_line, "root=/dev/vda ro quiet iommu.passthrough=1 nobypass"),
        (
            _secrets.kernel_line,
            "rd.luks.key=/etc/key luks.key=0a81f5b2-8403-7b23-c8d6-21ccc2f80d6f=/k",
        ),
        (_secrets.kernel_line, "rd.luks.options=token-timeout=30 systemd.import_credentials=no"),
        (WORD, "--password-file=/run/secret --tokens-dir=/x"),
        (_secrets.environment("DB_PASSWORD_FILE"), "/run/secrets/db"),
        (_secrets.environment("PATH"), "/bin:/usr/bin"),
        (_secrets.query, "dcPath=a&dsName=b&test=val&key-pair-id=x"),
        (_secrets.location, "/images/secret-password=x.qcow2"),
        (_secrets.location, "iqn.2013-07.com.example:iscsi/1"),
        (_secrets.location, "http://host:8080/image.iso"),
        (
            _secrets.shell,
            "WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES ARE LOST, see virsh edit.",
        ),
        (_secrets.guest_strings, "virtio-net,netdev=n0"),
        (_secrets.whole, " \n"),
    ],
)
def test_no_secret(find: Finder, text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    "text",
    ["a" * 200000, "a=" * 100000, "token=a;" * 30000, '"' * 200000, "'a':" * 50000, "//" * 100000]
    + ["-" * 200000, "--password " * 20000, " " * 200000, "crypt " * 40000, ",," * 100000]
    + ["-----BEGIN PRIVATE KEY-----" * 8000, "secret" * 30000, "//a:" * 50000, "\\" * 200000],
    ids=lambda text: text[:12],
)
def test_finders_are_linear(text: str) -> None:
    finders = [ARGUMENT, WORD, _secrets.kernel_line, _secrets.query, _secrets.location]
    started = time.monotonic()
    for find in [*finders, _secrets.shell, _secrets.guest_strings]:
        find(text)
    assert time.monotonic() - started < 5
