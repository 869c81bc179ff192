//! `/`: what this is, and where to go.

use bytes::Bytes;

use super::{html::escape, layout::Site};

pub(super) fn page(site: &Site) -> Bytes {
    let (base, server) = (escape(&site.base), escape(&site.server));
    site.page(
        "Hopline",
        &format!(
            "<main>\n<h1>Hopline resolves links</h1>\n\
             <p>This server follows a link hop by hop to where it really ends, keeps the evidence, and tells the result by a signed webhook.</p>\n\
             <pre><code>curl -s {server}/v1/resolve \\\n  -H &quot;Authorization: Bearer $HOPLINE_API_KEY&quot; \\\n  \
             -H &quot;Content-Type: application/json&quot; -H &quot;Prefer: wait=10&quot; \\\n  -d &#39;{{&quot;url&quot;: &quot;http://github.com&quot;}}&#39;</code></pre>\n\
             <p><a href=\"{base}/docs\">API reference</a> · <a href=\"{base}/docs/problems\">What refusals mean</a> · \
             <a href=\"{base}/v1/meta\">Limits of this server</a></p>\n</main>"
        ),
    )
}
