//! Settings that AWS sources have in common, and what STS takes.

use auditor_core::config::Problem;
use schemars::JsonSchema;
use serde::Deserialize;

/// Characters that STS takes in session names and source identities, beside letters and digits.
const SESSION_CHARACTERS: &str = "_+=,.@-";
/// The same for external ids.
const EXTERNAL_ID_CHARACTERS: &str = "_+=,.@:/-";
/// Session names end with the run's id, 36 characters of the 64 that STS takes.
const MAX_SESSION_NAME_PREFIX: usize = 64 - 36;

/// An AWS partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
pub enum Partition {
    /// The commercial regions.
    #[default]
    #[serde(rename = "aws")]
    Aws,
    /// AWS GovCloud (US).
    #[serde(rename = "aws-us-gov")]
    UsGov,
    /// The regions in China.
    #[serde(rename = "aws-cn")]
    China,
}

impl Partition {
    /// As in ARNs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::UsGov => "aws-us-gov",
            Self::China => "aws-cn",
        }
    }

    /// The region that is used where none is configured.
    pub const fn first_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::UsGov => "us-gov-west-1",
            Self::China => "cn-north-1",
        }
    }

    /// Whether a region lies in it.
    pub fn has_region(self, region: &str) -> bool {
        let other = [(Self::UsGov, "us-gov-"), (Self::China, "cn-")]
            .into_iter()
            .find(|(_, prefix)| region.starts_with(prefix))
            .map_or(Self::Aws, |(partition, _)| partition);
        other == self
    }

    /// What is wrong with a region that a source is told to use, if anything.
    pub fn check_region(self, key: &str, region: Option<&str>) -> Option<Problem> {
        region
            .filter(|region| !self.has_region(region))
            .map(|_| Problem::new(key, format!("expected a region of the partition `{}`", self.as_str())))
    }
}

/// Whether STS would take an external id.
///
/// # Errors
/// Why not, without repeating it.
pub fn check_external_id(text: &str) -> Result<(), &'static str> {
    let allowed = |char: char| char.is_ascii_alphanumeric() || EXTERNAL_ID_CHARACTERS.contains(char);
    if (2..=1224).contains(&text.len()) && text.chars().all(allowed) {
        Ok(())
    } else {
        Err("an external id has 2 to 1224 letters, digits and `_+=,.@:/-`")
    }
}

/// What is wrong with the settings `session_name_prefix` and `source_identity`.
pub fn check_session(session_name_prefix: &str, source_identity: Option<&str>) -> Vec<Problem> {
    let session_text = |text: &str| {
        text.chars().all(|char| char.is_ascii_alphanumeric() || SESSION_CHARACTERS.contains(char))
    };
    let mut problems = Vec::new();
    if session_name_prefix.len() > MAX_SESSION_NAME_PREFIX || !session_text(session_name_prefix) {
        problems.push(Problem::new(
            "session_name_prefix",
            format!(
                "expected at most {MAX_SESSION_NAME_PREFIX} letters, digits and `{SESSION_CHARACTERS}`: the run's id \
                 follows"
            ),
        ));
    }
    if source_identity.is_some_and(|text| !(2..=64).contains(&text.len()) || !session_text(text)) {
        problems.push(Problem::new(
            "source_identity",
            format!("expected 2 to 64 letters, digits and `{SESSION_CHARACTERS}`"),
        ));
    }
    problems
}

/// What is wrong with settings that are endpoints.
pub fn check_endpoints<'a>(
    endpoints: impl IntoIterator<Item = (&'a str, &'a Option<String>)>,
) -> Vec<Problem> {
    let is_url = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    let wrong = endpoints.into_iter().filter(|(_, url)| url.as_deref().is_some_and(|url| !is_url(url)));
    wrong
        .map(|(key, _)| Problem::new(key, "expected a URL that begins with `https://` or `http://`"))
        .collect()
}
