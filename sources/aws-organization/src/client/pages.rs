//! Lists of pages.

/// Reads a list to its end: `send` makes the request for a token, `take` takes a page's items. A page without items is
/// not the end; one without a token is.
macro_rules! read_pages {
    ($api:expr, $action:expr, |$clients:ident, $token:ident| $send:expr, |$page:ident| $take:expr) => {{
        let mut items = Vec::new();
        let mut pages = auditor_aws_common::Pages::new($action);
        while let Some(token) = pages.next() {
            let send = |$clients: &$crate::client::Clients| {
                let $token = token.clone();
                $send.send()
            };
            let $page = $api.call($action, send).await.map_err($crate::client::explain)?;
            pages.turn_to($page.next_token.clone())?;
            items.extend($take);
        }
        items
    }};
}
pub(super) use read_pages;
