//! Collection health of one deployment: how many agents, appliances, collectors and networks there are, how many are
//! protected, how many are well.

use auditor_core::error::SourceError;
use serde_json::{Map, Value, json};

use crate::{client::calls, item::Item};

/// The parts of a health summary, as the service names them.
pub(crate) const SECTIONS: [&str; 4] = ["agents", "appliances", "collectors", "networks"];

/// Counts of one part. `None`: not reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) total: Option<i64>,
    pub(crate) protected: Option<i64>,
    pub(crate) healthy: Option<i64>,
    pub(crate) unhealthy: Option<i64>,
}

/// A health summary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Health([Section; SECTIONS.len()]);

impl Health {
    /// From a reply.
    ///
    /// # Errors
    /// [`Malformed`](SourceError::Malformed) if it holds none of the parts, which is not the same as zero.
    pub(crate) fn new(reply: &Value) -> Result<Self, SourceError> {
        let reply = Item(reply);
        if SECTIONS.iter().all(|name| reply.at(name).is_none()) {
            return Err(SourceError::malformed(
                calls::HEALTH_SUMMARY,
                "the reply holds neither agents nor appliances nor collectors nor networks",
            ));
        }
        Ok(Self(SECTIONS.map(|name| reply.at(name).map(Section::new).unwrap_or_default())))
    }

    /// The parts with their names.
    pub(crate) fn sections(&self) -> impl Iterator<Item = (&'static str, &Section)> {
        SECTIONS.into_iter().zip(&self.0)
    }

    /// Sums of several deployments. What is not reported of one counts as nothing, of all as not reported.
    pub(crate) fn sum<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        all.into_iter().fold(Self::default(), |mut sum, health| {
            for (sum, section) in sum.0.iter_mut().zip(&health.0) {
                sum.add(section);
            }
            sum
        })
    }

    /// Counts by names such as `agents_total`.
    pub(crate) fn counts(&self) -> Value {
        let counts = self.sections().flat_map(|(name, section)| {
            [
                ("total", section.total),
                ("protected", section.protected),
                ("healthy", section.healthy),
                ("unhealthy", section.unhealthy),
            ]
            .map(|(what, count)| (format!("{name}_{what}"), json!(count)))
        });
        Value::Object(counts.collect::<Map<_, _>>())
    }
}

impl Section {
    fn new(item: Item<'_>) -> Self {
        let scored = item.at("health/scores").is_some_and(|scores| scores.0.is_array());
        let count = |unhealthy: bool| {
            scored.then(|| {
                item.items("health/scores")
                    .filter(|score| (score.number("health_level").unwrap_or(0.0) > 0.0) == unhealthy)
                    .filter_map(|score| score.int("count"))
                    .sum()
            })
        };
        Self {
            total: item.int("coverage/total"),
            protected: item.int("coverage/protected"),
            healthy: count(false),
            unhealthy: count(true),
        }
    }

    fn add(&mut self, other: &Self) {
        let add = |sum: &mut Option<i64>, count: Option<i64>| {
            if let Some(count) = count {
                *sum = Some(sum.unwrap_or(0) + count);
            }
        };
        add(&mut self.total, other.total);
        add(&mut self.protected, other.protected);
        add(&mut self.healthy, other.healthy);
        add(&mut self.unhealthy, other.unhealthy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_reported_is_not_zero() {
        let reply = json!({
            "agents": {"coverage": {"protected": 99, "total": 100}, "health": {"scores": [
                {"count": 95, "health_level": 0}, {"count": 1, "health_level": 2}, {"count": 2, "health_level": 1}]}},
            "appliances": {"coverage": {"total": 3}},
        });
        let counts = Health::new(&reply).unwrap().counts();
        assert_eq!((&counts["agents_healthy"], &counts["agents_unhealthy"]), (&json!(95), &json!(3)));
        assert_eq!((&counts["appliances_total"], &counts["appliances_protected"]), (&json!(3), &Value::Null));
        assert_eq!(counts["networks_total"], Value::Null);
        assert!(Health::new(&json!({})).is_err());
    }

    #[test]
    fn sums_keep_what_is_known() {
        let one = Health::new(&json!({"agents": {"coverage": {"total": 2}}})).unwrap();
        let other = Health::new(
            &json!({"agents": {"coverage": {"total": 3}}, "networks": {"coverage": {"total": 1}}}),
        )
        .unwrap();
        let sum = Health::sum([&one, &other]).counts();
        assert_eq!((&sum["agents_total"], &sum["networks_total"]), (&json!(5), &json!(1)));
        assert_eq!(sum["collectors_total"], Value::Null);
    }
}
