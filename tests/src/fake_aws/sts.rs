//! STS: `AssumeRole` with the checks AWS makes, and `GetCallerIdentity`.

use super::{
    estate::Account,
    server::{ApiError, Call, Caller},
    world::Estate,
    xml::Xml,
};

pub(super) fn perform(call: &Call, estate: &Estate) -> Result<Xml, ApiError> {
    match call.action.as_str() {
        "AssumeRole" => assume_role(call, estate),
        "GetCallerIdentity" => {
            let mut xml = Xml::default();
            xml.text("Arn", &call.caller.arn);
            xml.text("UserId", "AIDAEXAMPLECALLER0001");
            xml.text("Account", &call.caller.account);
            Ok(xml)
        }
        other => Err(ApiError::new(400, "InvalidAction", format!("Could not find operation {other}"))),
    }
}

fn assume_role(call: &Call, estate: &Estate) -> Result<Xml, ApiError> {
    let role_arn = call.required("RoleArn")?;
    let session = call.required("RoleSessionName")?;
    let allowed = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c));
    if !(2..=64).contains(&session.len()) || !allowed(session) {
        return Err(ApiError::validation("Value at 'roleSessionName' failed to satisfy constraint"));
    }
    if call.param("SourceIdentity").is_some_and(|text| !(2..=64).contains(&text.len()) || !allowed(text)) {
        return Err(ApiError::validation("Value at 'sourceIdentity' failed to satisfy constraint"));
    }
    if call.param("ExternalId").is_some_and(|text| !(2..=1224).contains(&text.len())) {
        return Err(ApiError::validation("Value at 'externalId' failed to satisfy constraint"));
    }
    let duration: u32 = call.number("DurationSeconds")?.unwrap_or(3_600);
    if !(900..=43_200).contains(&duration) {
        return Err(ApiError::validation("Value at 'durationSeconds' failed to satisfy constraint"));
    }
    if duration > 3_600 && call.caller.arn.contains(":assumed-role/") {
        return Err(ApiError::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ));
    }
    if let Some(policy) = call.param("Policy") {
        if policy.len() > 2_048 {
            return Err(ApiError::new(400, "PackedPolicyTooLarge", "Packed policy consumes over 100%"));
        }
        if serde_json::from_str::<serde_json::Value>(policy).is_err() {
            return Err(ApiError::new(400, "MalformedPolicyDocument", "This policy contains invalid Json"));
        }
    }

    let account_id = role_arn.split(':').nth(4).unwrap_or_default();
    let account = estate.account(account_id).filter(|account| may_assume(account, role_arn, call));
    let account = account.ok_or_else(|| call.access_denied(role_arn))?;

    let role = &account.access.role_name;
    let caller = Caller {
        account: account.id.clone(),
        arn: format!("arn:{}:sts::{}:assumed-role/{role}/{session}", account.partition, account.id),
    };
    let mut xml = Xml::default();
    xml.element("Credentials", |xml| {
        xml.text("AccessKeyId", format!("ASIA{}SESS", account.id));
        xml.text("SecretAccessKey", "invented/secret+access+key0123456789abcd");
        xml.text("SessionToken", write_token(&caller));
        xml.time("Expiration", chrono::Utc::now() + chrono::TimeDelta::seconds(duration.into()));
    });
    xml.element("AssumedRoleUser", |xml| {
        xml.text("AssumedRoleId", format!("AROAEXAMPLEAUDITOR001:{session}"));
        xml.text("Arn", &caller.arn);
    });
    xml.optional("SourceIdentity", call.param("SourceIdentity"));
    Ok(xml)
}

fn may_assume(account: &Account, role_arn: &str, call: &Call) -> bool {
    account.access.assumable
        && role_arn == account.role_arn()
        && account.access.external_id.as_deref().is_none_or(|wanted| call.param("ExternalId") == Some(wanted))
}

/// Session tokens say who the caller is, so that the fake need not remember sessions.
fn write_token(caller: &Caller) -> String {
    format!("fake-session/{}/{}", caller.account, caller.arn)
}

pub(super) fn read_token(token: &str) -> Option<Caller> {
    let (account, arn) = token.strip_prefix("fake-session/")?.split_once('/')?;
    Some(Caller { account: account.to_owned(), arn: arn.to_owned() })
}
