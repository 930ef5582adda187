# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revision 12: views for other programs.

They are made behind the last revision, from their declaration in ``_views``, whenever there is
anything to apply.
"""

from __future__ import annotations

from ansible_collections.virtledger.libvirt.plugins.plugin_utils._schema.steps import Revision

REVISION = Revision(12, "views", ())
