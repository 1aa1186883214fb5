//! Words, quoted strings and operators of a filter, each with its place.

use super::FilterError;

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    Comma,
    Operator(&'static str),
    Word(String),
    Quoted(String),
    End,
}

/// A token and where it begins, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spanned {
    pub(super) token: Token,
    pub(super) at: usize,
}

const OPERATORS: [&str; 8] = ["!=", "!~", "<=", ">=", "=", "~", "<", ">"];

/// Cuts a filter into tokens, the last of which is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Spanned>, FilterError> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = text.len() - rest.len();
        let (token, length) = first(rest).map_err(|message| FilterError::new(text, at, message))?;
        let end = token == Token::End;
        found.push(Spanned { token, at });
        if end {
            return Ok(found);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// The first token of `rest`, and its length in bytes.
fn first(rest: &str) -> Result<(Token, usize), String> {
    let Some(start) = rest.chars().next() else { return Ok((Token::End, 0)) };
    match start {
        '(' => return Ok((Token::Open, 1)),
        ')' => return Ok((Token::Close, 1)),
        ',' => return Ok((Token::Comma, 1)),
        '\'' | '"' => return quoted(rest, start),
        '\0' => return Err("the character NUL is not allowed".to_owned()),
        _ => {}
    }
    if let Some(operator) = OPERATORS.into_iter().find(|operator| rest.starts_with(operator)) {
        return Ok((Token::Operator(operator), operator.len()));
    }
    if start == '!' {
        return Err("`!` stands only before `=` or `~`; write `not` to negate".to_owned());
    }
    let end = rest
        .find(|c: char| {
            c.is_whitespace()
                || matches!(c, '(' | ')' | ',' | '=' | '!' | '~' | '<' | '>' | '\'' | '"' | '\0')
        })
        .unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    if after.starts_with(['\'', '"']) {
        return Err(format!("a quote inside `{word}…`: quote the whole value, and double a quote inside it"));
    }
    Ok((Token::Word(word.to_owned()), end))
}

/// A string in quotes; a doubled quote inside stands for one.
fn quoted(rest: &str, quote: char) -> Result<(Token, usize), String> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if c == '\0' {
            return Err("the character NUL is not allowed".to_owned());
        }
        if c != quote {
            value.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            value.push(quote);
        } else {
            return Ok((Token::Quoted(value), i + 1));
        }
    }
    Err(format!("the quote {quote} is not closed"))
}
