"""What `drivers.bacnet.rusty.refused` says of a hub of BACnet/SC, in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SECURE: Final[Mapping[str, str]] = {
    "no hub dialled yet": "尚未连接集线器",
    "the hub refuses our certificate: it expired, or does not hold yet by the hub's clock": "集线器拒绝本端证书：已过期，或按集线器时钟尚未生效",
    "the hub refuses our certificate: it does not know the authority that issued it": "集线器拒绝本端证书：不认可其签发机构",
    "the hub refuses our certificate: it is not for client authentication (extended key usage)": "集线器拒绝本端证书：扩展密钥用法不含客户端认证",
    "the hub refuses our certificate: it was revoked": "集线器拒绝本端证书：已被吊销",
    "the hub refuses our certificate: it cannot be read or verified": "集线器拒绝本端证书：无法读取或验证",
    "the hub refuses our certificate": "集线器拒绝本端证书",
    "the hub refuses our certificate: access denied": "集线器拒绝本端证书：不允许访问",
    "the hub got no certificate from us": "集线器未收到本端证书",
    "the hub does not speak TLS 1.3": "集线器不支持 TLS 1.3",
    "the hub's certificate expired": "集线器证书已过期",
    "the hub's certificate does not hold yet by this computer's clock": "按本机时钟，集线器证书尚未生效",
    "the hub's certificate was not issued by the authority of `ca`": "集线器证书不是由 `ca` 中的机构签发",
    "the hub's certificate is not for server authentication (extended key usage)": "集线器证书的扩展密钥用法不含服务器认证",
    "the hub's certificate is for another name than `hub` says": "集线器证书的名称与 `hub` 所写不符",
    "the hub's certificate cannot be verified": "集线器证书无法验证",
    "nobody listens at the hub's address": "集线器地址上没有服务",
    "the hub's name cannot be looked up": "集线器主机名无法解析",
    "the hub does not answer": "集线器无应答",
    "there is no way to the hub's network": "到集线器的网络不可达",
    "the private key is not the certificate's": "私钥与证书不匹配",
    "a certificate's file is not there": "证书文件不存在",
    "a certificate's file may not be read": "没有权限读取证书文件",
    "the certificate's file holds no certificate": "证书文件中没有证书",
    "the certificates' files cannot be used": "证书文件无法使用",
    "the hub breaks off the TLS handshake: it may not speak TLS 1.3": "集线器中断 TLS 握手：可能不支持 TLS 1.3",
    "the hub stopped answering": "集线器不再应答",
    "the hub closed the connection": "集线器关闭了连接",
    "at the hub's address is something else than a BACnet/SC hub": "集线器地址上的服务不是 BACnet/SC 集线器",
    "the connection to the hub broke off": "与集线器的连接中断",
    "the hub is not reached": "未能连接集线器",
    "another node is known by our VMAC": "另有节点使用了本端 VMAC",
    "another program of this building is on BACnet/SC: stop it first": "本楼另一程序正在使用 BACnet/SC：请先停止它",
}
"""Word for word; `tests/unit/drivers/test_refused_secure.py` holds the two together."""
