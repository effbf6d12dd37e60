-- Secrets of webhooks: AES-256-GCM under naap.metering.webhook.key-encryption-secret. Those that are stored as text are
-- encrypted by the service when it starts, as only it has the key; their text goes then.
alter table webhook alter column secret drop not null;
alter table webhook add column sealed bytea;
alter table webhook add column old_sealed bytea;
alter table webhook add constraint webhook_secret check (sealed is not null or secret is not null);

-- Answers that hold a secret are not remembered: a repeated request is answered from the webhook.
delete from idempotency where route = 'POST /v1/webhooks';
