# Copyright (c) 2026, virtledger contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates beside the URL: files that the environment names, in one way for each database.

Whatever hands out the environment (AWX, a container's secrets) puts them where it likes, so that a
URL which was written before cannot name them.
"""

from __future__ import annotations

import typing as t

#: By environment variable, what a URL calls the file: of PostgreSQL, and of MariaDB and MySQL.
VARIABLES = {
    "VIRTLEDGER_DATABASE_CA_FILE": ("sslrootcert", "ssl_ca"),
    "VIRTLEDGER_DATABASE_CERT_FILE": ("sslcert", "ssl_cert"),
    "VIRTLEDGER_DATABASE_KEY_FILE": ("sslkey", "ssl_key"),
}


def with_files(url: t.Any, environ: t.Mapping[str, str]) -> t.Any:
    """A URL of SQLAlchemy with the files that the environment names and itself does not.

    An authority is there to check the server, so PostgreSQL does unless the URL says otherwise;
    MariaDB and MySQL do so anyway.
    """
    backend = url.get_backend_name()
    if backend == "sqlite":
        return url
    is_postgresql = backend == "postgresql"
    given = {
        names[0 if is_postgresql else 1]: environ[variable]
        for variable, names in VARIABLES.items()
        if environ.get(variable)
    }
    if is_postgresql and "sslrootcert" in given:
        given["sslmode"] = "verify-full"
    return url.update_query_dict({key: item for key, item in given.items() if key not in url.query})
