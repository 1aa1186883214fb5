//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}`.

use std::collections::BTreeSet;

use crate::{
    pattern::{Pattern, Token},
    request::Lookup,
};

/// A pattern that may hold variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: Box<str>,
    /// `None`: it has no variables, and is what `pattern` says.
    parts: Option<Vec<Part>>,
    pattern: Pattern,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Tokens(Vec<Token>),
    Variable { key: String, default: Option<String> },
}

/// What a template becomes for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// A pattern.
    Pattern(Pattern),
    /// A pattern that is too wide: `*` stands where a value is not known.
    Possible(Pattern, BTreeSet<String>),
    /// A variable has no value: the statement does not apply.
    Never,
}

impl Template {
    /// Reads a pattern. Without `variables` (documents of the version 2008-10-17), `${…}` is plain text.
    pub fn parse(text: &str, variables: bool) -> Self {
        let pattern = Pattern::resource(text);
        let parts = if variables && text.contains("${") { Some(parse(text)) } else { None };
        match parts {
            Some(parts) if parts.iter().all(|part| matches!(part, Part::Tokens(_))) => {
                let tokens = parts.into_iter().flat_map(|part| match part {
                    Part::Tokens(tokens) => tokens,
                    Part::Variable { .. } => Vec::new(),
                });
                Self { text: text.into(), parts: None, pattern: Pattern::new(text, tokens.collect(), false) }
            }
            parts => Self { text: text.into(), parts, pattern },
        }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The pattern, if it has no variables.
    pub fn fixed(&self) -> Option<&Pattern> {
        self.parts.is_none().then_some(&self.pattern)
    }

    /// Puts values in place of variables. Values are literal: a `*` in them is no wildcard.
    pub fn resolve<'a>(&self, lookup: impl Fn(&str) -> Lookup<'a>) -> Resolved {
        let Some(parts) = &self.parts else { return Resolved::Pattern(self.pattern.clone()) };
        let mut tokens = Vec::new();
        let mut unknown = BTreeSet::new();
        for part in parts {
            match part {
                Part::Tokens(more) => tokens.extend(more),
                Part::Variable { key, default } => {
                    let literal = |value: &str| value.chars().map(Token::Char).collect::<Vec<_>>();
                    match (lookup(&key.to_ascii_lowercase()), default) {
                        (Lookup::Is([value]), _) => tokens.extend(literal(value)),
                        // Keys with several values cannot be used as variables.
                        (Lookup::Is(_), _) | (Lookup::Absent, None) => return Resolved::Never,
                        (Lookup::Absent, Some(default)) => tokens.extend(literal(default)),
                        (Lookup::Maybe(_) | Lookup::Unknown, _) => {
                            tokens.push(Token::Many);
                            unknown.insert(key.clone());
                        }
                    }
                }
            }
        }
        let pattern = Pattern::new(&self.text, tokens, false);
        if unknown.is_empty() { Resolved::Pattern(pattern) } else { Resolved::Possible(pattern, unknown) }
    }
}

fn parse(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inside, after)) = after.split_once('}') else { break };
        tokens.extend(crate::pattern::tokens(before));
        rest = after;
        match inside {
            "*" => tokens.push(Token::Char('*')),
            "?" => tokens.push(Token::Char('?')),
            "$" => tokens.push(Token::Char('$')),
            _ => {
                let (key, default) = match inside.split_once(',') {
                    Some((key, default)) => (key, Some(unquote(default))),
                    None => (inside, None),
                };
                parts.push(Part::Tokens(std::mem::take(&mut tokens)));
                parts.push(Part::Variable { key: key.trim().to_owned(), default });
            }
        }
    }
    tokens.extend(crate::pattern::tokens(rest));
    parts.push(Part::Tokens(tokens));
    parts
}

fn unquote(text: &str) -> String {
    let text = text.trim();
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text).to_owned()
}
