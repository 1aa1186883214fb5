//! Saying once what is the same for many accounts.

/// The text with account ids taken out, so that the same sentence about two accounts is the same text.
pub(crate) fn normalized(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut digits = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        out.push_str(if digits.len() == 12 { "<account>" } else { &digits });
        digits.clear();
        out.push(c);
    }
    out.pop();
    out
}

/// `a, b, c and 9 more`.
pub(crate) fn some_of<S: AsRef<str>>(items: &[S], show: usize) -> String {
    let shown: Vec<_> = items.iter().take(show).map(AsRef::as_ref).collect();
    let mut text = shown.join(", ");
    if items.len() > show {
        text.push_str(&format!(" and {} more", items.len() - show));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_go_and_other_numbers_stay() {
        assert_eq!(
            normalized("arn:aws:iam::111122223333:role/x 404 1111222233334"),
            "arn:aws:iam::<account>:role/x 404 1111222233334"
        );
        assert_eq!(normalized("111122223333"), "<account>");
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(some_of(&["a", "b"], 2), "a, b");
        assert_eq!(some_of(&["a", "b", "c"], 1), "a and 2 more");
    }
}
