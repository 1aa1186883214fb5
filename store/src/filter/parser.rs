//! From tokens to a tree. Length, depth and number of comparisons are bounded, so that no filter can exhaust the stack or
//! a database's limits.

use super::{
    Comparison, FilterError, Literal, Node, Predicate, Test,
    lexer::{Spanned, Token, tokens},
};

const MAX_BYTES: usize = 16 * 1024;
const MAX_DEPTH: usize = 32;
const MAX_COMPARISONS: usize = 256;
const MAX_VALUES: usize = 1024;

/// Parses a whole filter.
pub(super) fn parse(text: &str) -> Result<Node, FilterError> {
    if text.len() > MAX_BYTES {
        return Err(FilterError::new(text, 0, format!("longer than {} KiB", MAX_BYTES / 1024)));
    }
    let mut parser = Parser { text, tokens: tokens(text)?, next: 0, comparisons: 0, values: 0 };
    let root = parser.any(0)?;
    match parser.peek() {
        Token::End => Ok(root),
        Token::Close => Err(parser.error("this `)` closes nothing")),
        _ => Err(parser.error("expected `and`, `or` or the end; a value with spaces needs quotes")),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Spanned>,
    next: usize,
    comparisons: usize,
    values: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |spanned| &spanned.token)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.text.len(), |spanned| spanned.at)
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn error(&self, message: impl Into<String>) -> FilterError {
        FilterError::new(self.text, self.at(), message)
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case(keyword));
        self.next += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut parts = vec![self.all(depth)?];
        while self.keyword("or") {
            parts.push(self.all(depth)?);
        }
        Ok(single_or(parts, Node::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut parts = vec![self.one(depth)?];
        while self.keyword("and") {
            parts.push(self.one(depth)?);
        }
        Ok(single_or(parts, Node::All))
    }

    fn one(&mut self, depth: usize) -> Result<Node, FilterError> {
        if depth > MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        if self.keyword("not") {
            return Ok(Node::Not(Box::new(self.one(depth + 1)?)));
        }
        if *self.peek() == Token::Open {
            let opened = self.at();
            self.next += 1;
            let inner = self.any(depth + 1)?;
            if *self.peek() != Token::Close {
                return Err(match self.peek() {
                    Token::End => FilterError::new(self.text, opened, "this `(` is not closed"),
                    _ => self.error("expected `and`, `or` or `)`; a value with spaces needs quotes"),
                });
            }
            self.next += 1;
            return Ok(inner);
        }
        self.predicate()
    }

    fn predicate(&mut self) -> Result<Node, FilterError> {
        let at = self.at();
        self.comparisons += 1;
        if self.comparisons > MAX_COMPARISONS {
            return Err(self.error(format!("more than {MAX_COMPARISONS} comparisons")));
        }
        let column = match self.peek() {
            Token::Word(word) if !is_keyword(word) => word.clone(),
            Token::Quoted(text) if text.starts_with('/') => text.clone(),
            Token::Quoted(_) => return Err(self.error("expected a column, found a quoted text")),
            _ => return Err(self.error("expected a column")),
        };
        self.next += 1;
        let (test, negated) = self.test(&column)?;
        let node = Node::Test(Predicate { column, at, test });
        Ok(if negated { Node::Not(Box::new(node)) } else { node })
    }

    /// What follows a column, and whether it is negated.
    fn test(&mut self, column: &str) -> Result<(Test, bool), FilterError> {
        if self.keyword("is") {
            let negated = self.keyword("not");
            if self.keyword("null") {
                return Ok((Test::IsNull, negated));
            }
            return Err(self.error("expected `null` or `not null` after `is`"));
        }
        let negated = self.keyword("not");
        if self.keyword("in") {
            return Ok((Test::In(self.list()?), negated));
        }
        if negated {
            return Err(self.error("expected `in` after `not`"));
        }
        let Token::Operator(operator) = *self.peek() else {
            return Err(self.error(format!(
                "expected a comparison after `{column}`: = != ~ !~ < <= > >= `is null` or `in (…)`"
            )));
        };
        self.next += 1;
        let (comparison, negated) = match operator {
            "!=" => (Comparison::Equal, true),
            "~" => (Comparison::Contains, false),
            "!~" => (Comparison::Contains, true),
            "<" => (Comparison::Less, false),
            "<=" => (Comparison::LessOrEqual, false),
            ">" => (Comparison::Greater, false),
            ">=" => (Comparison::GreaterOrEqual, false),
            _ => (Comparison::Equal, false),
        };
        Ok((Test::Compare(comparison, self.value()?), negated))
    }

    fn list(&mut self) -> Result<Vec<Literal>, FilterError> {
        if *self.peek() != Token::Open {
            return Err(self.error("expected `(` after `in`"));
        }
        self.next += 1;
        let mut values = vec![self.value()?];
        loop {
            match self.peek() {
                Token::Comma => {
                    self.next += 1;
                    values.push(self.value()?);
                }
                Token::Close => {
                    self.next += 1;
                    return Ok(values);
                }
                _ => return Err(self.error("expected `,` or `)`")),
            }
        }
    }

    fn value(&mut self) -> Result<Literal, FilterError> {
        let at = self.at();
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.error(format!("more than {MAX_VALUES} values")));
        }
        match self.peek() {
            Token::Word(word) if word.eq_ignore_ascii_case("null") => {
                Err(self.error("nothing equals null: write `is null` or `is not null`"))
            }
            Token::Word(_) | Token::Quoted(_) => match self.take() {
                Token::Quoted(text) => Ok(Literal { text, quoted: true, at }),
                Token::Word(text) => Ok(Literal { text, quoted: false, at }),
                _ => Err(self.error("expected a value")),
            },
            _ => Err(self.error("expected a value")),
        }
    }
}

fn is_keyword(word: &str) -> bool {
    ["and", "or", "not", "in", "is", "null"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

fn single_or(mut parts: Vec<Node>, many: fn(Vec<Node>) -> Node) -> Node {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}
