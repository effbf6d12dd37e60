-- What waits is taken webhook by webhook, so that one long queue delays nobody else.
create index webhook_delivery_of_webhook on webhook_delivery (webhook_id, next_at, id) where state = 'waiting';
create index webhook_delivery_tests on webhook_delivery (webhook_id, created_at) where type = 'test';
