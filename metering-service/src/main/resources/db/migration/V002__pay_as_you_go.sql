-- The plan every tenant starts on: prepaid, every capability has a price.
insert into plan (id, prepaid, tier, is_default)
values ('pln_01kaq3v7g8e2nb0p4m6r9t1x5z', true, 'standard', true);

insert into plan_version (plan_id, version, name, charges)
values ('pln_01kaq3v7g8e2nb0p4m6r9t1x5z', 1, 'Pay as you go', '[
  {"model": "per_request", "filter": {"capability": "text-to-image"}, "price": 0.001},
  {"model": "usage", "filter": {"capability": "text-to-image"}, "unit": "pixels", "per": 1000000, "price": 0.004},
  {"model": "per_request", "filter": {"capability": "image-to-image"}, "price": 0.001},
  {"model": "usage", "filter": {"capability": "image-to-image"}, "unit": "pixels", "per": 1000000, "price": 0.004},
  {"model": "per_request", "filter": {"capability": "image-to-video"}, "price": 0.005},
  {"model": "usage", "filter": {"capability": "image-to-video"}, "unit": "pixels", "per": 1000000, "price": 0.0015},
  {"model": "per_request", "filter": {"capability": "upscale"}, "price": 0.001},
  {"model": "usage", "filter": {"capability": "upscale"}, "unit": "pixels", "per": 1000000, "price": 0.002},
  {"model": "per_request", "filter": {"capability": "segment-anything-2"}, "price": 0.001},
  {"model": "usage", "filter": {"capability": "segment-anything-2"}, "unit": "pixels", "per": 1000000, "price": 0.001},
  {"model": "per_request", "filter": {"capability": "image-to-text"}, "price": 0.0005},
  {"model": "usage", "filter": {"capability": "image-to-text"}, "unit": "pixels", "per": 1000000, "price": 0.0005},
  {"model": "usage", "filter": {"capability": "llm"}, "unit": "tokens_in", "per": 1000000, "price": 0.2},
  {"model": "usage", "filter": {"capability": "llm"}, "unit": "tokens_out", "per": 1000000, "price": 0.6},
  {"model": "per_minute", "filter": {"capability": "audio-to-text"}, "price": 0.006},
  {"model": "usage", "filter": {"capability": "text-to-speech"}, "unit": "characters", "per": 1000000, "price": 15},
  {"model": "per_minute", "filter": {"capability": "live-video-to-video"}, "price": 0.05},
  {"model": "per_minute", "filter": {"capability": "transcoding"}, "price": 0.01},
  {"model": "per_request", "filter": {"capability": "byoc"}, "price": 0.0005},
  {"model": "per_minute", "filter": {"capability": "byoc"}, "price": 0.02}
]');
