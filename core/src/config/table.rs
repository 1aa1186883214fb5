//! A plugin's own settings, before it has read them.

use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Problem, check_schema};

/// The keys of an instance that belong to its plugin, after the core has taken out its own.
///
/// Has no `Debug`: values may be secrets.
#[derive(Clone, Default)]
pub struct PluginTable(pub(super) Map<String, Value>);

impl PluginTable {
    /// From parsed values, for tests of plugins.
    ///
    /// # Panics
    /// Unless `value` is an object.
    pub fn from_json(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            _ => panic!("a plugin's settings are a table"),
        }
    }

    /// From TOML, for tests of plugins.
    ///
    /// # Errors
    /// The parser's message.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        use figment::providers::Format as _;
        figment::Figment::from(figment::providers::Toml::string(text))
            .extract::<Map<String, Value>>()
            .map(Self)
            .map_err(|error| error.to_string())
    }

    /// The settings as the plugin's type.
    ///
    /// # Errors
    /// Everything that differs from the type's JSON schema, or else what its own parser says.
    pub fn parse<C: DeserializeOwned + JsonSchema>(&self) -> Result<C, Vec<Problem>> {
        let value = Value::Object(self.0.clone());
        let problems = check_schema(&value, &SchemaGenerator::default().into_root_schema_for::<C>());
        if !problems.is_empty() {
            return Err(problems);
        }
        serde_json::from_value(value).map_err(|error| vec![Problem::new("", error.to_string())])
    }
}
