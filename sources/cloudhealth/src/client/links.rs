//! Which page comes next. Of links only the page's number is taken: CloudHealth's lead to other hosts, to none, or
//! carry a key.

use auditor_http_common::HeaderMap;
use serde_json::Value;

use super::calls::Paging;
use crate::item::Item;

/// What a page says of the next one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// There is none.
    End,
    /// It has this number.
    Page(u32),
    /// Nothing: it has to be tried.
    Untold,
}

/// What a page says of the next one, given how many items have been read with it.
///
/// # Errors
/// What is wrong with a link.
pub(super) fn next(
    paging: Paging,
    headers: &HeaderMap,
    body: &Value,
    read: usize,
) -> Result<Next, &'static str> {
    match paging {
        Paging::UntilEmpty => Ok(Next::Untold),
        Paging::Links => match Item(body).at("_links") {
            None => Ok(Next::Untold),
            Some(links) => match Item(links).text("next/href").or_else(|| Item(links).text("next")) {
                None => Ok(Next::End),
                Some(href) => page_of(&href).map(Next::Page).ok_or(NO_NUMBER),
            },
        },
        Paging::Headers => {
            let links: Vec<&str> =
                headers.get_all("link").iter().filter_map(|link| link.to_str().ok()).collect();
            if links.iter().any(|text| text.contains('<')) {
                return match links.iter().find_map(|text| target(text, "next")) {
                    None => Ok(Next::End),
                    Some(href) => page_of(href).map(Next::Page).ok_or(NO_NUMBER),
                };
            }
            match total(headers) {
                Some(total) if read >= total => Ok(Next::End),
                _ => Ok(Next::Untold),
            }
        }
    }
}

const NO_NUMBER: &str = "the link to the next page has no page number";

/// How many items there are, if the reply says.
pub(super) fn total(headers: &HeaderMap) -> Option<usize> {
    headers.get("x-total")?.to_str().ok()?.trim().parse().ok()
}

/// The address that a `Link` header gives for a relation, wherever in the header it stands.
fn target<'a>(header: &'a str, relation: &str) -> Option<&'a str> {
    let links = header.split('<').skip(1).filter_map(|link| link.split_once('>'));
    links.into_iter().find_map(|(address, parameters)| {
        let mut parameters = parameters
            .split(';')
            .filter_map(|parameter| parameter.trim().trim_end_matches(',').split_once('='));
        let fits = |(name, value): (&str, &str)| {
            name.trim().eq_ignore_ascii_case("rel")
                && value.trim().trim_matches('"').split_ascii_whitespace().any(|word| word == relation)
        };
        parameters.any(fits).then_some(address)
    })
}

/// The page's number in an address, which may lack host and scheme.
fn page_of(address: &str) -> Option<u32> {
    let (_, query) = address.split_once('?')?;
    query.split(['&', '#']).find_map(|pair| pair.strip_prefix("page="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn links_in_headers_in_any_order() {
        let host = "https://chapi.cloudhealthtech.com/v1/aws_accounts";
        for link in [
            format!("<{host}?page=6>; rel=\"last\", <{host}?page=2>; rel=\"next\""),
            format!("<{host}?per_page=30&page=2>; rel=next, <{host}?page=6>; rel=last"),
            format!("<{host}?page=2,3>; rel=\"first\",<{host}?page=2>; title=\"a\"; rel=\"next last\""),
        ] {
            let found = next(Paging::Headers, &headers(&[("link", &link)]), &json!({}), 30);
            assert_eq!(found, Ok(Next::Page(2)), "{link}");
        }
        let last = headers(&[("link", "<https://x/?page=1>; rel=\"first\""), ("x-total", "99")]);
        assert_eq!(next(Paging::Headers, &last, &json!({}), 30), Ok(Next::End));
        let odd = headers(&[("link", "<https://x/?cursor=1>; rel=\"next\"")]);
        assert!(next(Paging::Headers, &odd, &json!({}), 30).is_err());
    }

    #[test]
    fn without_links_totals_and_without_totals_nothing() {
        let total = headers(&[("x-total", "31")]);
        assert_eq!(next(Paging::Headers, &total, &json!({}), 30), Ok(Next::Untold));
        assert_eq!(next(Paging::Headers, &total, &json!({}), 31), Ok(Next::End));
        assert_eq!(next(Paging::Headers, &headers(&[]), &json!({}), 7), Ok(Next::Untold));
        assert_eq!(next(Paging::UntilEmpty, &total, &json!([]), 7), Ok(Next::Untold));
    }

    #[test]
    fn links_in_bodies_in_every_form_seen() {
        for href in [
            "/v2/organizations/1/aws_accounts?page=3&per_page=30",
            "cloudhealthtech.com/v1/policies?api_key=4760&per_page=20&page=3",
            "https://chapi.cloudhealthtech.com/v1/policies?page=3#x",
        ] {
            let body = json!({"_links": {"next": {"href": href}, "prev": {"href": "/?page=1"}}});
            assert_eq!(next(Paging::Links, &headers(&[]), &body, 20), Ok(Next::Page(3)), "{href}");
        }
        assert_eq!(next(Paging::Links, &headers(&[]), &json!({"_links": {}}), 20), Ok(Next::End));
        assert_eq!(next(Paging::Links, &headers(&[]), &json!({}), 20), Ok(Next::Untold));
        let odd = json!({"_links": {"next": {"href": "/v1/policies?cursor=x"}}});
        assert!(next(Paging::Links, &headers(&[]), &odd, 20).is_err());
    }
}
