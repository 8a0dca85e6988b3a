"""Brokers of MQTT: topics that can be subscribed to, objects that they can play, and what is read from each."""

from __future__ import annotations

from urllib.parse import urlsplit

from config.checks.context import Context
from config.codes import Coded
from config.mqtt import INVERTED, Broker, Mqtt, Topic, topics
from config.objects import LIGHTING, OBJECTS
from config.phrase import Phrase
from config.points import Point
from config.problems import Path
from config.values import Misread, ObjectRef, parse_object


def check_mqtt(ctx: Context) -> None:
    """What each broker's section says can be subscribed to, and each point of it is a topic there."""
    for name, device in ctx.file.devices.items():
        path: Path = ("devices", name, "mqtt")
        if device.mqtt is not None and ctx.written(*path):
            _broker(ctx, path, device.mqtt)
            _topics(ctx, path, device.mqtt)
    if ctx.file.publish is not None and ctx.written("publish"):
        _broker(ctx, ("publish",), ctx.file.publish)
    plays = {
        n: {ref: topic for _, ref, topic in topics(d.mqtt)} for n, d in ctx.file.devices.items() if d.mqtt
    }
    for point in ctx.site.points.values():
        if point.device in plays:
            _point(ctx, point, plays[point.device])


def _broker(ctx: Context, path: Path, mqtt: Broker) -> None:
    try:
        port = urlsplit(mqtt.broker).port
    except ValueError:
        port = 0
    if port == 0:
        ctx.error(
            (*path, "broker"),
            Coded("out-of-range", "the broker's port is outside the allowed range", "端口超出范围"),
            Phrase("from 1 to 65535; usual are 1883 and 8883", "1 至 65535；通常为 1883 与 8883"),
        )
    if not mqtt.broker.startswith("mqtts://"):
        for key in ("ca", "certificate", "key"):
            if getattr(mqtt, key) is not None:
                ctx.error(
                    (*path, key),
                    Coded("broker", "certificates are for TLS only", "证书仅用于 TLS"),
                    Phrase("write the broker as mqtts://host:8883", "broker 请写 mqtts://主机:8883"),
                )
        if mqtt.password_file is not None:
            ctx.warn(
                (*path, "password_file"),
                Coded(
                    "broker", "without TLS the password can be read on the way", "未用 TLS，口令以明文传输"
                ),
                Phrase("use mqtts:// where the broker can", "如服务器支持，请改用 mqtts://"),
            )
    if (mqtt.certificate is None) != (mqtt.key is None):
        key = "certificate" if mqtt.certificate is not None else "key"
        ctx.error(
            (*path, key),
            Coded("broker", "a certificate goes with its key", "证书与私钥须成对"),
            Phrase("name both files, or neither", "两个文件都写，或都不写"),
        )
    if mqtt.password_file is not None and mqtt.user is None:
        ctx.error(
            (*path, "password_file"),
            Coded("broker", "a password needs a user", "有口令而无用户名"),
            Phrase("add `user:`", "请加 `user:`"),
        )


def _topics(ctx: Context, path: Path, mqtt: Mqtt) -> None:
    seen: dict[ObjectRef, str] = {}
    for written, topic in mqtt.topics.items():
        where: Path = (*path, "topics", written)
        try:
            place = parse_object(written)
        except Misread:
            ctx.error(
                where,
                Coded("no-object", f"`{written}` is no object", f"`{written}` 不是对象"),
                Phrase("like binary-input:1 or analog-input:3", "例如 binary-input:1、analog-input:3"),
                key=True,
            )
            continue
        if place.object_type == LIGHTING or OBJECTS[place.object_type].commanded:
            ctx.error(
                where,
                Coded(
                    "not-writable",
                    f"a topic is only read, and {place.object_type} can be commanded",
                    f"主题只读，而 {place.object_type} 可写",
                ),
                Phrase(
                    "use analog-input, binary-input or multi-state-input",
                    "请用 analog-input、binary-input 或 multi-state-input",
                ),
                key=True,
            )
        if (other := seen.setdefault(place, written)) != written:
            ctx.error(
                where,
                Coded("twice", f"the same object as `{other}`", f"与 `{other}` 是同一对象"),
                Phrase("give each topic an object of its own", "每个主题须对应各自的对象"),
                key=True,
            )
        for key, text in (("topic", topic.topic), ("availability", topic.availability or "")):
            if any(sign in text for sign in "+#\0"):
                ctx.error(
                    (*where, key),
                    Coded("broker", "one topic is meant, without + and #", "须为单个主题，不能含 + 或 #"),
                    Phrase("write the topic in full", "请写出完整主题"),
                )


def _point(ctx: Context, point: Point, plays: dict[ObjectRef, Topic]) -> None:
    origin = ctx.resolved.origins[point.id]
    place = ObjectRef(point.object_type, point.instance)
    if place not in plays:
        ctx.error(
            origin.mapped,
            Coded(
                "broker",
                f"`{point.device}` has no topic for {point.object_type}:{point.instance}",
                f"`{point.device}` 没有 {point.object_type}:{point.instance} 的主题",
            ),
            Phrase(
                f"add it to devices: {point.device}: mqtt: topics:",
                f"请加入 devices: {point.device}: mqtt: topics:",
            ),
        )
        return
    if point.invert and plays[place].path.split(".")[-1] == INVERTED:
        ctx.error(
            origin.mapped,
            Coded(
                "point",
                "`contact` is read as open or not already, so it must not be inverted again",
                "`contact` 已按“未闭合即打开”读取，不应再取反",
            ),
            Phrase("delete `invert`", "请删去 `invert`"),
        )
