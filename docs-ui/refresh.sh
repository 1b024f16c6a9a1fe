#!/bin/sh
# Copies the pinned Swagger UI into the assets of the REST crate, compressed the same way every time.
set -eu
cd "$(dirname "$0")"
from=node_modules/swagger-ui-dist
to=../crates/rest/assets/docs
mkdir -p "$to"
for file in swagger-ui-bundle.js swagger-ui.css; do
  gzip -9nc "$from/$file" > "$to/$file.gz"
done
cp "$from/LICENSE" "$to/swagger-ui.LICENSE"
cp "$from/NOTICE" "$to/swagger-ui.NOTICE"
gzip -9nc "$from/swagger-ui-bundle.js.LICENSE.txt" > "$to/swagger-ui-bundle.js.LICENSE.txt.gz"
cp "$from/favicon-32x32.png" "$to/favicon.png"
