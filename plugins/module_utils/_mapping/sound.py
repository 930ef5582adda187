# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``<sound>`` and ``<audio>``: sound cards, and where on the host they play."""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.module_utils._convert import UNSIGNED, YES_NO
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._common import (
    COMMON,
    UINT8,
    UINT32,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._declare import (
    Family,
    repeated,
    shaped,
    value,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._items import (
    attribute_item,
)
from ansible_collections.virtledger.libvirt.plugins.module_utils._mapping._shapes import TREE

SOUND = Family(
    name="sound card",
    fact="sound_cards",
    tag="sound",
    index_type="sound_card",
    identity=("model_name",),
    doc="a sound card",
    split=True,
    fields=(
        value(
            "model_name",
            "@model",
            "device model, for example V(ich9)",
            choices=(
                "sb16",
                "es1370",
                "pcspk",
                "ac97",
                "ich6",
                "ich7",
                "ich9",
                "usb",
                "virtio",
            ),
        ),
        value("multichannel", "@multichannel", "more than stereo, of a USB card", to=YES_NO),
        value(
            "streams",
            "@streams",
            "number of streams, of a virtio card",
            to=UNSIGNED,
            maximum=UINT32,
        ),
        value(
            "audio_id",
            "audio/@id",
            "number of the audio backend that it plays on",
            to=UNSIGNED,
            maximum=UINT8,
        ),
        repeated("codecs", "codec", "the codecs, V(duplex), V(micro), ...", attribute_item("type")),
    )
    + COMMON,
)

AUDIO = Family(
    name="audio backend",
    fact="audio_backends",
    tag="audio",
    index_type="audio_backend",
    identity=("audio_id",),
    doc="where on the host the VM's sound goes to and comes from",
    fields=(
        value(
            "audio_id",
            "@id",
            "number that sound cards refer to",
            to=UNSIGNED,
            maximum=UINT8,
        ),
        value(
            "type",
            "@type",
            "V(none), V(spice), V(pulseaudio), V(file), ...",
            choices=(
                "none",
                "alsa",
                "coreaudio",
                "dbus",
                "jack",
                "oss",
                "pipewire",
                "pulseaudio",
                "sdl",
                "spice",
                "file",
            ),
        ),
        value(
            "timer_period_us",
            "@timerPeriod",
            "time between two transfers",
            to=UNSIGNED,
            maximum=UINT32,
            unit="microseconds",
        ),
        value("server_name", "@serverName", "server of PulseAudio"),
        value("path", "@path", "file that is written"),
        value(
            "driver",
            "@driver",
            "driver of SDL",
            choices=("esd", "alsa", "arts", "pulseaudio"),
        ),
        shaped("input", "input", "recording, path to text", TREE),
        shaped("output", "output", "playback, path to text", TREE),
    )
    + COMMON,
)
