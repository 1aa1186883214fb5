//! `aws_iam_ssh_key`.

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::emit_listing;
use crate::{
    estate::Estate,
    wire::{SshKey, chrono},
};

pub(crate) static SSH_KEY: Kind =
    Kind::new("aws_iam_ssh_key", "An SSH public key of a user, for CodeCommit. Every user is asked")
        .native_id("`SSHPublicKeyId` (`APKA…`)")
        .columns(&[
            Column::text("user_name", "/user_name", "Name of its user (`ListSSHPublicKeys`, `UserName`)"),
            Column::boolean("active", "/active", "Whether it works (`ListSSHPublicKeys`, `Status`)"),
        ])
        .permissions(&["iam:GetAccountAuthorizationDetails", "iam:ListSSHPublicKeys"]);

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&SSH_KEY], |emit| async move {
        emit_listing(&emit, &SSH_KEY, &estate.ssh_keys, |key| map(estate, key)).await
    })
    .await;
}

fn map(estate: &Estate, key: &SshKey) -> Resource {
    let document = json!({ "user_name": key.user_name, "active": key.status == "Active" });
    Resource::new(&SSH_KEY, estate.account().clone(), key.id.as_str(), document)
        .named(key.id.as_str())
        .with_times(chrono(key.uploaded_at), None)
}
