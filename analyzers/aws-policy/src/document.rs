//! Policy documents as AWS accepts them.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::{
    condition::Condition,
    pattern::{MAX_PATTERN, Pattern},
    principal::Principals,
    selector::Selector,
    variables::Template,
};

/// A policy document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// Its statements, in order. Those that cannot be read are left out, and `unreadable` says so.
    pub statements: Vec<Statement>,
    /// Why something of it is not known: it is missing, no JSON, or has a part that cannot be read. Answers that it could
    /// change are unknown. `None`: all of it was read.
    pub unreadable: Option<String>,
}

/// Whether a statement grants or refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It grants.
    Allow,
    /// It refuses, whatever else grants.
    Deny,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its place in the document, from 0.
    pub index: usize,
    /// `Sid`. `None`: it has none.
    pub sid: Option<String>,
    /// Whether it grants or refuses.
    pub effect: Effect,
    /// `Action` or `NotAction`.
    pub actions: Selector,
    /// `Resource` or `NotResource`. Without either, as in trust policies, everything.
    pub resources: Resources,
    /// `Principal` or `NotPrincipal`. `None`: it has neither, as in policies of users and roles.
    pub principals: Option<Principals>,
    /// Conditions, all of which must hold.
    pub conditions: Vec<Condition>,
}

/// The resources of a statement, which may depend on the request by policy variables.
#[derive(Debug, Clone, PartialEq)]
pub struct Resources {
    /// What it selects; without the patterns that hold variables.
    pub fixed: Selector,
    /// Patterns that hold variables.
    pub variable: Vec<Template>,
}

impl Resources {
    /// The patterns as they were written.
    pub fn written(&self) -> impl Iterator<Item = &str> {
        let variable = self.variable.iter().map(Template::as_str);
        self.fixed.patterns.iter().map(Pattern::as_str).chain(variable)
    }
}

impl Statement {
    /// Its Sid, or its place in the document counted from 1.
    pub fn label(&self) -> String {
        match &self.sid {
            Some(sid) if !sid.is_empty() => sid.clone(),
            _ => format!("statement {}", self.index + 1),
        }
    }
}

impl Document {
    /// When what it says may differ from what it says at `at` because time has passed, reckoned in whole days. `None`:
    /// it does not depend on the time.
    pub fn next_change(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let conditions = self.statements.iter().flat_map(|statement| &statement.conditions);
        conditions.filter_map(|condition| condition.next_change(at)).min()
    }

    /// Reads a document. Never fails; what cannot be read is said in `unreadable`.
    pub fn parse(json: &Value) -> Self {
        let Value::Object(map) = json else {
            return Self::missing("it is no JSON object");
        };
        // Variables came with this version; older documents hold them as plain text.
        let variables = map.get("Version").and_then(Value::as_str) == Some("2012-10-17");
        let statements = match map.get("Statement") {
            Some(Value::Array(statements)) => statements.as_slice(),
            Some(statement @ Value::Object(_)) => std::slice::from_ref(statement),
            _ => return Self::missing("it has no statements"),
        };
        let mut document = Self::default();
        for (index, statement) in statements.iter().enumerate() {
            match read(statement, index, variables) {
                Ok(statement) => document.statements.push(statement),
                Err(why) if document.unreadable.is_none() => {
                    document.unreadable = Some(format!("statement {}: {why}", index + 1));
                }
                Err(_) => {}
            }
        }
        document
    }

    /// A document that is there but not known, and why.
    pub fn missing(why: impl Into<String>) -> Self {
        Self { statements: Vec::new(), unreadable: Some(why.into()) }
    }
}

fn read(value: &Value, index: usize, variables: bool) -> Result<Statement, String> {
    let Value::Object(map) = value else { return Err("it is no object".to_owned()) };
    let effect = match map.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err("`Effect` is neither `Allow` nor `Deny`".to_owned()),
    };
    let (actions, negated) =
        either(map, "Action", "NotAction")?.ok_or("it has neither `Action` nor `NotAction`")?;
    let actions = Selector { patterns: actions.iter().map(|text| Pattern::action(text)).collect(), negated };
    let resources = match either(map, "Resource", "NotResource")? {
        None => Resources { fixed: Selector::everything(), variable: Vec::new() },
        Some((texts, negated)) => {
            let mut resources =
                Resources { fixed: Selector { patterns: Vec::new(), negated }, variable: Vec::new() };
            for text in &texts {
                let template = Template::parse(text, variables);
                match template.fixed() {
                    Some(pattern) => resources.fixed.patterns.push(pattern.clone()),
                    None => resources.variable.push(template),
                }
            }
            resources
        }
    };
    let fixed = actions.patterns.iter().chain(&resources.fixed.patterns);
    let variable = resources.variable.iter().map(|template| template.as_str().len());
    if fixed.map(Pattern::len).chain(variable).any(|length| length > MAX_PATTERN) {
        return Err(format!("a pattern is longer than {MAX_PATTERN} characters"));
    }
    let principals = match (map.get("Principal"), map.get("NotPrincipal")) {
        (Some(value), _) => Some(Principals::parse(value, false)?),
        (None, Some(value)) => Some(Principals::parse(value, true)?),
        (None, None) => None,
    };
    Ok(Statement {
        index,
        sid: map.get("Sid").and_then(Value::as_str).map(str::to_owned),
        effect,
        actions,
        resources,
        principals,
        conditions: conditions(map.get("Condition"), variables)?,
    })
}

fn conditions(value: Option<&Value>, variables: bool) -> Result<Vec<Condition>, String> {
    let operators = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(operators)) => operators,
        Some(_) => return Err("`Condition` is no object".to_owned()),
    };
    let mut conditions = Vec::new();
    for (operator, keys) in operators {
        let Value::Object(keys) = keys else { return Err(format!("`Condition.{operator}` is no object")) };
        for (key, values) in keys {
            let condition = Condition::parse(operator, key, values, variables)
                .filter(|condition| condition.values.iter().all(|value| value.len() <= MAX_PATTERN))
                .ok_or_else(|| format!("a value of `{key}` cannot be read"))?;
            conditions.push(condition);
        }
    }
    Ok(conditions)
}

/// The value of one of two keys, and whether it was the second.
fn either(map: &Map<String, Value>, plain: &str, not: &str) -> Result<Option<(Vec<String>, bool)>, String> {
    for (key, negated) in [(plain, false), (not, true)] {
        if let Some(value) = map.get(key) {
            let texts = strings(value).ok_or_else(|| format!("`{key}` is neither text nor a list of it"))?;
            return Ok(Some((texts, negated)));
        }
    }
    Ok(None)
}

/// One scalar or a list of them, as text. `None`: something else is among them.
pub(crate) fn strings(value: &Value) -> Option<Vec<String>> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Value::Array(values) => values.iter().map(scalar).collect(),
        value => scalar(value).map(|text| vec![text]),
    }
}
