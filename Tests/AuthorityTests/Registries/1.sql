CREATE TABLE audit (
  seq INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 1),
  at INTEGER NOT NULL,
  who TEXT NOT NULL CHECK (who <> ''),
  action TEXT NOT NULL,
  why TEXT NOT NULL,
  subjects TEXT NOT NULL,
  payload TEXT NOT NULL,
  prev TEXT,
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 43),
  CHECK ((seq = 1) = (prev IS NULL))
) STRICT;
INSERT INTO "audit" VALUES(1,1795639685,'root','key new','first keys','["rJZ6QjpTJRxapi1KmFJin_S4o_35r9IVDgQGXF_9br4"]','{"thumbprint":"rJZ6QjpTJRxapi1KmFJin_S4o_35r9IVDgQGXF_9br4","use":"root","alg":"EdDSA","bits":256,"jwk":{"crv":"Ed25519","kty":"OKP","x":"16ZEQvY9O0UmL0QHBEMdVMt7wFGYx0qOilm-V4gOGpo"},"from":1795553285,"through":1953417599,"constraints":{},"pem":"keys/rJZ6QjpTJRxapi1KmFJin_S4o_35r9IVDgQGXF_9br4.pem"}',NULL,'jC2_TUPLJNYC__gP5-PhDYazr_2B2plD4Ld8FfY8v-Q');
INSERT INTO "audit" VALUES(2,1795639685,'root','key new','first keys','["QbW3t8DggIcvfbr0KAQlY9OXlIMgCDFH00-Tl6doDd0"]','{"thumbprint":"QbW3t8DggIcvfbr0KAQlY9OXlIMgCDFH00-Tl6doDd0","use":"license","alg":"EdDSA","bits":256,"jwk":{"crv":"Ed25519","kty":"OKP","x":"7-6djCbKsoBCcUnCSIEB-kSNZvnF9bHauC78JT3BMo0"},"from":1795553285,"through":1953417599,"constraints":{},"pem":"keys/QbW3t8DggIcvfbr0KAQlY9OXlIMgCDFH00-Tl6doDd0.pem"}','jC2_TUPLJNYC__gP5-PhDYazr_2B2plD4Ld8FfY8v-Q','c2X1r3xcs5KW3z33ToWqzmMzzpTHCG6E1P_2NUUj6TA');
INSERT INTO "audit" VALUES(3,1795639685,'root','key new','first keys','["p7jIZ2O8BltUXlF6j3mFfv2XSG3T1BfCllV39BxEBYQ"]','{"thumbprint":"p7jIZ2O8BltUXlF6j3mFfv2XSG3T1BfCllV39BxEBYQ","use":"release","alg":"EdDSA","bits":256,"jwk":{"crv":"Ed25519","kty":"OKP","x":"VGj4aArR2zlfv7Kr9_vYUv0t1ToA2MATB-5_wiygDWE"},"from":1795553285,"through":1953417599,"constraints":{},"pem":"keys/p7jIZ2O8BltUXlF6j3mFfv2XSG3T1BfCllV39BxEBYQ.pem"}','c2X1r3xcs5KW3z33ToWqzmMzzpTHCG6E1P_2NUUj6TA','2sMxPF2F-MslRcOucqB4Nfz8C6pj6DQqd8-ZggjtqZU');
INSERT INTO "audit" VALUES(4,1795639685,'root','key new','first keys','["XOow6LiFcd5TFV1pBclv41QIYSnc6eHkeDipvqwoEDs"]','{"thumbprint":"XOow6LiFcd5TFV1pBclv41QIYSnc6eHkeDipvqwoEDs","use":"gateway","alg":"EdDSA","bits":256,"jwk":{"crv":"Ed25519","kty":"OKP","x":"BMSMds49iFx3cgyXliFKGv6A9Bp-idXEde6FsmBDXxQ"},"from":1795553285,"through":1953417599,"constraints":{},"pem":"keys/XOow6LiFcd5TFV1pBclv41QIYSnc6eHkeDipvqwoEDs.pem"}','2sMxPF2F-MslRcOucqB4Nfz8C6pj6DQqd8-ZggjtqZU','u3gW35WqwZLbQue0QH_JWvSoFQac07w4EowetNR2xvA');
INSERT INTO "audit" VALUES(5,1795639686,'root','key new','first keys','["SKoChHcBaqlZphV_3XAHfyb_98ZURJmR09isgQQCOnE"]','{"thumbprint":"SKoChHcBaqlZphV_3XAHfyb_98ZURJmR09isgQQCOnE","use":"revocation","alg":"EdDSA","bits":256,"jwk":{"crv":"Ed25519","kty":"OKP","x":"yWgSegeJEc8msC-hXdAzGrb8l2R3I6S4vJAsdylwJYM"},"from":1795553286,"through":1953417599,"constraints":{},"pem":"keys/SKoChHcBaqlZphV_3XAHfyb_98ZURJmR09isgQQCOnE.pem"}','u3gW35WqwZLbQue0QH_JWvSoFQac07w4EowetNR2xvA','V2-gnqWFn1YPzGtU398PhJV0LLWT57avud3njcgfeHs');
INSERT INTO "audit" VALUES(6,1795639687,'root','keyset publish','first','["keyset 1"]','{"ver":1,"iss":"https://license.vendor.example","epoch":1,"iat":1795639687,"roots":{"keys":[{"crv":"Ed25519","kty":"OKP","x":"16ZEQvY9O0UmL0QHBEMdVMt7wFGYx0qOilm-V4gOGpo"}],"threshold":1},"keys":[{"jwk":{"crv":"Ed25519","kty":"OKP","x":"7-6djCbKsoBCcUnCSIEB-kSNZvnF9bHauC78JT3BMo0"},"use":"license","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"VGj4aArR2zlfv7Kr9_vYUv0t1ToA2MATB-5_wiygDWE"},"use":"release","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"BMSMds49iFx3cgyXliFKGv6A9Bp-idXEde6FsmBDXxQ"},"use":"gateway","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"yWgSegeJEc8msC-hXdAzGrb8l2R3I6S4vJAsdylwJYM"},"use":"revocation","from":1795553286,"through":1953417599,"constraints":{}}],"revoked":[]}','V2-gnqWFn1YPzGtU398PhJV0LLWT57avud3njcgfeHs','eikwKzcTbsQmKA3OGR0Zz7BnvU3KQ4yF7JCsubBqZ7Q');
INSERT INTO "audit" VALUES(7,1795639687,'root','customer add','','["cus_01a2147737587ae883fef68e14d01eaa"]','{"id":"cus_01a2147737587ae883fef68e14d01eaa","name":"ACME Ltd","created_at":1795639687}','eikwKzcTbsQmKA3OGR0Zz7BnvU3KQ4yF7JCsubBqZ7Q','ARgQU5CIWrjlJlNGCivTfaxH0AWm20Yc-RFnTyzZS6o');
INSERT INTO "audit" VALUES(8,1795639688,'root','license issue','','["lic_01a214773b40728d84f226e6ebda75dc","lin_01a214773b407b6f8c8e59b7b7d8e802","cus_01a2147737587ae883fef68e14d01eaa"]','{"ver":1,"iss":"https://license.vendor.example","jti":"lic_01a214773b40728d84f226e6ebda75dc","line":"lin_01a214773b407b6f8c8e59b7b7d8e802","revision":1,"epoch":1,"sub":"cus_01a2147737587ae883fef68e14d01eaa","customer":"ACME Ltd","product":"p","iat":1795639688,"edition":"community","zone":"Asia/Shanghai","collectors":{"window":300,"dwell":0},"gaps":"observed","support":"5x8","installations":1}','ARgQU5CIWrjlJlNGCivTfaxH0AWm20Yc-RFnTyzZS6o','baHR4NiAEKW8Dc9dyaV1IlDs63CZk40sr4CZFDSQfNg');
INSERT INTO "audit" VALUES(9,1795639688,'root','release sign','','["p 1.0"]','{"ver":1,"iss":"https://license.vendor.example","iat":1795639688,"epoch":1,"product":"p","version":"1.0","released":"2026-11-20"}','baHR4NiAEKW8Dc9dyaV1IlDs63CZk40sr4CZFDSQfNg','y7lEbaIVy9KONvimVf31qBJIhlxZES5WquTXs782f0s');
INSERT INTO "audit" VALUES(10,1795639689,'root','keyset publish','','["keyset 2"]','{"ver":1,"iss":"https://license.vendor.example","epoch":2,"iat":1795639689,"roots":{"keys":[{"crv":"Ed25519","kty":"OKP","x":"16ZEQvY9O0UmL0QHBEMdVMt7wFGYx0qOilm-V4gOGpo"}],"threshold":1},"keys":[{"jwk":{"crv":"Ed25519","kty":"OKP","x":"7-6djCbKsoBCcUnCSIEB-kSNZvnF9bHauC78JT3BMo0"},"use":"license","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"VGj4aArR2zlfv7Kr9_vYUv0t1ToA2MATB-5_wiygDWE"},"use":"release","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"BMSMds49iFx3cgyXliFKGv6A9Bp-idXEde6FsmBDXxQ"},"use":"gateway","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"yWgSegeJEc8msC-hXdAzGrb8l2R3I6S4vJAsdylwJYM"},"use":"revocation","from":1795553286,"through":1953417599,"constraints":{}}],"revoked":[]}','y7lEbaIVy9KONvimVf31qBJIhlxZES5WquTXs782f0s','PtHSJdD5LzL4AKDBttIlc7EA-ha32EWVFfc-lmGmzc0');
CREATE TABLE customers (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL CHECK (name <> ''),
  created_at INTEGER NOT NULL
) STRICT;
INSERT INTO "customers" VALUES('cus_01a2147737587ae883fef68e14d01eaa','ACME Ltd',1795639687);
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('1');
CREATE TABLE intents (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('keyset', 'license', 'release')),
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  kid TEXT REFERENCES keys (thumbprint),
  payload TEXT NOT NULL CHECK (payload <> ''),
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'dropped')),
  CHECK ((kind = 'keyset') = (kid IS NULL))
) STRICT;
INSERT INTO "intents" VALUES(1,'keyset','keyset publish','1',NULL,'{"ver":1,"iss":"https://license.vendor.example","epoch":1,"iat":1795639687,"roots":{"keys":[{"crv":"Ed25519","kty":"OKP","x":"16ZEQvY9O0UmL0QHBEMdVMt7wFGYx0qOilm-V4gOGpo"}],"threshold":1},"keys":[{"jwk":{"crv":"Ed25519","kty":"OKP","x":"7-6djCbKsoBCcUnCSIEB-kSNZvnF9bHauC78JT3BMo0"},"use":"license","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"VGj4aArR2zlfv7Kr9_vYUv0t1ToA2MATB-5_wiygDWE"},"use":"release","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"BMSMds49iFx3cgyXliFKGv6A9Bp-idXEde6FsmBDXxQ"},"use":"gateway","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"yWgSegeJEc8msC-hXdAzGrb8l2R3I6S4vJAsdylwJYM"},"use":"revocation","from":1795553286,"through":1953417599,"constraints":{}}],"revoked":[]}','root','first',1795639687,'done');
INSERT INTO "intents" VALUES(2,'license','license issue','lic_01a214773b40728d84f226e6ebda75dc','QbW3t8DggIcvfbr0KAQlY9OXlIMgCDFH00-Tl6doDd0','{"ver":1,"iss":"https://license.vendor.example","jti":"lic_01a214773b40728d84f226e6ebda75dc","line":"lin_01a214773b407b6f8c8e59b7b7d8e802","revision":1,"epoch":1,"sub":"cus_01a2147737587ae883fef68e14d01eaa","customer":"ACME Ltd","product":"p","iat":1795639688,"edition":"community","zone":"Asia/Shanghai","collectors":{"window":300,"dwell":0},"gaps":"observed","support":"5x8","installations":1}','root','',1795639688,'done');
INSERT INTO "intents" VALUES(3,'release','release sign','p 1.0','p7jIZ2O8BltUXlF6j3mFfv2XSG3T1BfCllV39BxEBYQ','{"ver":1,"iss":"https://license.vendor.example","iat":1795639688,"epoch":1,"product":"p","version":"1.0","released":"2026-11-20"}','root','',1795639688,'done');
INSERT INTO "intents" VALUES(4,'keyset','keyset publish','2',NULL,'{"ver":1,"iss":"https://license.vendor.example","epoch":2,"iat":1795639689,"roots":{"keys":[{"crv":"Ed25519","kty":"OKP","x":"16ZEQvY9O0UmL0QHBEMdVMt7wFGYx0qOilm-V4gOGpo"}],"threshold":1},"keys":[{"jwk":{"crv":"Ed25519","kty":"OKP","x":"7-6djCbKsoBCcUnCSIEB-kSNZvnF9bHauC78JT3BMo0"},"use":"license","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"VGj4aArR2zlfv7Kr9_vYUv0t1ToA2MATB-5_wiygDWE"},"use":"release","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"BMSMds49iFx3cgyXliFKGv6A9Bp-idXEde6FsmBDXxQ"},"use":"gateway","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"yWgSegeJEc8msC-hXdAzGrb8l2R3I6S4vJAsdylwJYM"},"use":"revocation","from":1795553286,"through":1953417599,"constraints":{}}],"revoked":[]}','root','',1795639689,'done');
CREATE TABLE keys (
  thumbprint TEXT NOT NULL PRIMARY KEY CHECK (length(thumbprint) = 43),
  use TEXT NOT NULL CHECK (use IN ('root', 'license', 'release', 'revocation', 'gateway')),
  algorithm TEXT NOT NULL CHECK (algorithm IN ('EdDSA', 'PS256')),
  jwk TEXT NOT NULL UNIQUE,
  valid_from INTEGER NOT NULL,
  valid_through INTEGER NOT NULL CHECK (valid_through >= valid_from),
  constraints TEXT NOT NULL,
  pem TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;
INSERT INTO "keys" VALUES('rJZ6QjpTJRxapi1KmFJin_S4o_35r9IVDgQGXF_9br4','root','EdDSA','{"crv":"Ed25519","kty":"OKP","x":"16ZEQvY9O0UmL0QHBEMdVMt7wFGYx0qOilm-V4gOGpo"}',1795553285,1953417599,'{}','keys/rJZ6QjpTJRxapi1KmFJin_S4o_35r9IVDgQGXF_9br4.pem',1795639685);
INSERT INTO "keys" VALUES('QbW3t8DggIcvfbr0KAQlY9OXlIMgCDFH00-Tl6doDd0','license','EdDSA','{"crv":"Ed25519","kty":"OKP","x":"7-6djCbKsoBCcUnCSIEB-kSNZvnF9bHauC78JT3BMo0"}',1795553285,1953417599,'{}','keys/QbW3t8DggIcvfbr0KAQlY9OXlIMgCDFH00-Tl6doDd0.pem',1795639685);
INSERT INTO "keys" VALUES('p7jIZ2O8BltUXlF6j3mFfv2XSG3T1BfCllV39BxEBYQ','release','EdDSA','{"crv":"Ed25519","kty":"OKP","x":"VGj4aArR2zlfv7Kr9_vYUv0t1ToA2MATB-5_wiygDWE"}',1795553285,1953417599,'{}','keys/p7jIZ2O8BltUXlF6j3mFfv2XSG3T1BfCllV39BxEBYQ.pem',1795639685);
INSERT INTO "keys" VALUES('XOow6LiFcd5TFV1pBclv41QIYSnc6eHkeDipvqwoEDs','gateway','EdDSA','{"crv":"Ed25519","kty":"OKP","x":"BMSMds49iFx3cgyXliFKGv6A9Bp-idXEde6FsmBDXxQ"}',1795553285,1953417599,'{}','keys/XOow6LiFcd5TFV1pBclv41QIYSnc6eHkeDipvqwoEDs.pem',1795639685);
INSERT INTO "keys" VALUES('SKoChHcBaqlZphV_3XAHfyb_98ZURJmR09isgQQCOnE','revocation','EdDSA','{"crv":"Ed25519","kty":"OKP","x":"yWgSegeJEc8msC-hXdAzGrb8l2R3I6S4vJAsdylwJYM"}',1795553286,1953417599,'{}','keys/SKoChHcBaqlZphV_3XAHfyb_98ZURJmR09isgQQCOnE.pem',1795639686);
CREATE TABLE keysets (
  epoch INTEGER NOT NULL PRIMARY KEY CHECK (epoch >= 1),
  payload TEXT NOT NULL,
  document TEXT NOT NULL,
  intent INTEGER NOT NULL UNIQUE REFERENCES intents (id)
) STRICT;
INSERT INTO "keysets" VALUES(1,'{"ver":1,"iss":"https://license.vendor.example","epoch":1,"iat":1795639687,"roots":{"keys":[{"crv":"Ed25519","kty":"OKP","x":"16ZEQvY9O0UmL0QHBEMdVMt7wFGYx0qOilm-V4gOGpo"}],"threshold":1},"keys":[{"jwk":{"crv":"Ed25519","kty":"OKP","x":"7-6djCbKsoBCcUnCSIEB-kSNZvnF9bHauC78JT3BMo0"},"use":"license","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"VGj4aArR2zlfv7Kr9_vYUv0t1ToA2MATB-5_wiygDWE"},"use":"release","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"BMSMds49iFx3cgyXliFKGv6A9Bp-idXEde6FsmBDXxQ"},"use":"gateway","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"yWgSegeJEc8msC-hXdAzGrb8l2R3I6S4vJAsdylwJYM"},"use":"revocation","from":1795553286,"through":1953417599,"constraints":{}}],"revoked":[]}','{"payload":"eyJ2ZXIiOjEsImlzcyI6Imh0dHBzOi8vbGljZW5zZS52ZW5kb3IuZXhhbXBsZSIsImVwb2NoIjoxLCJpYXQiOjE3OTU2Mzk2ODcsInJvb3RzIjp7ImtleXMiOlt7ImNydiI6IkVkMjU1MTkiLCJrdHkiOiJPS1AiLCJ4IjoiMTZaRVF2WTlPMFVtTDBRSEJFTWRWTXQ3d0ZHWXgwcU9pbG0tVjRnT0dwbyJ9XSwidGhyZXNob2xkIjoxfSwia2V5cyI6W3siandrIjp7ImNydiI6IkVkMjU1MTkiLCJrdHkiOiJPS1AiLCJ4IjoiNy02ZGpDYktzb0JDY1VuQ1NJRUIta1NOWnZuRjliSGF1Qzc4SlQzQk1vMCJ9LCJ1c2UiOiJsaWNlbnNlIiwiZnJvbSI6MTc5NTU1MzI4NSwidGhyb3VnaCI6MTk1MzQxNzU5OSwiY29uc3RyYWludHMiOnt9fSx7Imp3ayI6eyJjcnYiOiJFZDI1NTE5Iiwia3R5IjoiT0tQIiwieCI6IlZHajRhQXJSMnpsZnY3S3I5X3ZZVXYwdDFUb0EyTUFUQi01X3dpeWdEV0UifSwidXNlIjoicmVsZWFzZSIsImZyb20iOjE3OTU1NTMyODUsInRocm91Z2giOjE5NTM0MTc1OTksImNvbnN0cmFpbnRzIjp7fX0seyJqd2siOnsiY3J2IjoiRWQyNTUxOSIsImt0eSI6Ik9LUCIsIngiOiJCTVNNZHM0OWlGeDNjZ3lYbGlGS0d2NkE5QnAtaWRYRWRlNkZzbUJEWHhRIn0sInVzZSI6ImdhdGV3YXkiLCJmcm9tIjoxNzk1NTUzMjg1LCJ0aHJvdWdoIjoxOTUzNDE3NTk5LCJjb25zdHJhaW50cyI6e319LHsiandrIjp7ImNydiI6IkVkMjU1MTkiLCJrdHkiOiJPS1AiLCJ4IjoieVdnU2VnZUpFYzhtc0MtaFhkQXpHcmI4bDJSM0k2UzR2SkFzZHlsd0pZTSJ9LCJ1c2UiOiJyZXZvY2F0aW9uIiwiZnJvbSI6MTc5NTU1MzI4NiwidGhyb3VnaCI6MTk1MzQxNzU5OSwiY29uc3RyYWludHMiOnt9fV0sInJldm9rZWQiOltdfQ","signatures":[{"protected":"eyJhbGciOiJFZERTQSIsImtpZCI6InJKWjZRanBUSlJ4YXBpMUttRkppbl9TNG9fMzVyOUlWRGdRR1hGXzlicjQiLCJ0eXAiOiJ0YWxseS1rZXlzZXQrand0In0","signature":"OYc5rCVJznNq6vBXoCm0UfxmSp9k8zW9ZcMfk64skpVcSPu1u8f-kJMb6jCXCvt7u-8XLtsewcJnddMujDXECQ"}]}',1);
INSERT INTO "keysets" VALUES(2,'{"ver":1,"iss":"https://license.vendor.example","epoch":2,"iat":1795639689,"roots":{"keys":[{"crv":"Ed25519","kty":"OKP","x":"16ZEQvY9O0UmL0QHBEMdVMt7wFGYx0qOilm-V4gOGpo"}],"threshold":1},"keys":[{"jwk":{"crv":"Ed25519","kty":"OKP","x":"7-6djCbKsoBCcUnCSIEB-kSNZvnF9bHauC78JT3BMo0"},"use":"license","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"VGj4aArR2zlfv7Kr9_vYUv0t1ToA2MATB-5_wiygDWE"},"use":"release","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"BMSMds49iFx3cgyXliFKGv6A9Bp-idXEde6FsmBDXxQ"},"use":"gateway","from":1795553285,"through":1953417599,"constraints":{}},{"jwk":{"crv":"Ed25519","kty":"OKP","x":"yWgSegeJEc8msC-hXdAzGrb8l2R3I6S4vJAsdylwJYM"},"use":"revocation","from":1795553286,"through":1953417599,"constraints":{}}],"revoked":[]}','{"payload":"eyJ2ZXIiOjEsImlzcyI6Imh0dHBzOi8vbGljZW5zZS52ZW5kb3IuZXhhbXBsZSIsImVwb2NoIjoyLCJpYXQiOjE3OTU2Mzk2ODksInJvb3RzIjp7ImtleXMiOlt7ImNydiI6IkVkMjU1MTkiLCJrdHkiOiJPS1AiLCJ4IjoiMTZaRVF2WTlPMFVtTDBRSEJFTWRWTXQ3d0ZHWXgwcU9pbG0tVjRnT0dwbyJ9XSwidGhyZXNob2xkIjoxfSwia2V5cyI6W3siandrIjp7ImNydiI6IkVkMjU1MTkiLCJrdHkiOiJPS1AiLCJ4IjoiNy02ZGpDYktzb0JDY1VuQ1NJRUIta1NOWnZuRjliSGF1Qzc4SlQzQk1vMCJ9LCJ1c2UiOiJsaWNlbnNlIiwiZnJvbSI6MTc5NTU1MzI4NSwidGhyb3VnaCI6MTk1MzQxNzU5OSwiY29uc3RyYWludHMiOnt9fSx7Imp3ayI6eyJjcnYiOiJFZDI1NTE5Iiwia3R5IjoiT0tQIiwieCI6IlZHajRhQXJSMnpsZnY3S3I5X3ZZVXYwdDFUb0EyTUFUQi01X3dpeWdEV0UifSwidXNlIjoicmVsZWFzZSIsImZyb20iOjE3OTU1NTMyODUsInRocm91Z2giOjE5NTM0MTc1OTksImNvbnN0cmFpbnRzIjp7fX0seyJqd2siOnsiY3J2IjoiRWQyNTUxOSIsImt0eSI6Ik9LUCIsIngiOiJCTVNNZHM0OWlGeDNjZ3lYbGlGS0d2NkE5QnAtaWRYRWRlNkZzbUJEWHhRIn0sInVzZSI6ImdhdGV3YXkiLCJmcm9tIjoxNzk1NTUzMjg1LCJ0aHJvdWdoIjoxOTUzNDE3NTk5LCJjb25zdHJhaW50cyI6e319LHsiandrIjp7ImNydiI6IkVkMjU1MTkiLCJrdHkiOiJPS1AiLCJ4IjoieVdnU2VnZUpFYzhtc0MtaFhkQXpHcmI4bDJSM0k2UzR2SkFzZHlsd0pZTSJ9LCJ1c2UiOiJyZXZvY2F0aW9uIiwiZnJvbSI6MTc5NTU1MzI4NiwidGhyb3VnaCI6MTk1MzQxNzU5OSwiY29uc3RyYWludHMiOnt9fV0sInJldm9rZWQiOltdfQ","signatures":[{"protected":"eyJhbGciOiJFZERTQSIsImtpZCI6InJKWjZRanBUSlJ4YXBpMUttRkppbl9TNG9fMzVyOUlWRGdRR1hGXzlicjQiLCJ0eXAiOiJ0YWxseS1rZXlzZXQrand0In0","signature":"05vLotK9aob8xgQMET9vvaWiw2zY-F6z7GHHntuxdSbVeg_A0zTyiXxgf3AFOHdIJJ09no5Z_S2gCxSzdftBAw"}]}',4);
CREATE TABLE licenses (
  jti TEXT NOT NULL PRIMARY KEY,
  line TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 1),
  customer TEXT NOT NULL REFERENCES customers (id),
  state TEXT NOT NULL CHECK (state IN ('issued', 'revoked')),
  payload TEXT NOT NULL,
  jws TEXT NOT NULL,
  kid TEXT NOT NULL REFERENCES keys (thumbprint),
  intent INTEGER NOT NULL UNIQUE REFERENCES intents (id),
  UNIQUE (line, revision)
) STRICT;
INSERT INTO "licenses" VALUES('lic_01a214773b40728d84f226e6ebda75dc','lin_01a214773b407b6f8c8e59b7b7d8e802',1,'cus_01a2147737587ae883fef68e14d01eaa','issued','{"ver":1,"iss":"https://license.vendor.example","jti":"lic_01a214773b40728d84f226e6ebda75dc","line":"lin_01a214773b407b6f8c8e59b7b7d8e802","revision":1,"epoch":1,"sub":"cus_01a2147737587ae883fef68e14d01eaa","customer":"ACME Ltd","product":"p","iat":1795639688,"edition":"community","zone":"Asia/Shanghai","collectors":{"window":300,"dwell":0},"gaps":"observed","support":"5x8","installations":1}','eyJhbGciOiJFZERTQSIsImtpZCI6IlFiVzN0OERnZ0ljdmZicjBLQVFsWTlPWGxJTWdDREZIMDAtVGw2ZG9EZDAiLCJ0eXAiOiJ0YWxseS1saWNlbnNlK2p3dCJ9.eyJ2ZXIiOjEsImlzcyI6Imh0dHBzOi8vbGljZW5zZS52ZW5kb3IuZXhhbXBsZSIsImp0aSI6ImxpY18wMWEyMTQ3NzNiNDA3MjhkODRmMjI2ZTZlYmRhNzVkYyIsImxpbmUiOiJsaW5fMDFhMjE0NzczYjQwN2I2ZjhjOGU1OWI3YjdkOGU4MDIiLCJyZXZpc2lvbiI6MSwiZXBvY2giOjEsInN1YiI6ImN1c18wMWEyMTQ3NzM3NTg3YWU4ODNmZWY2OGUxNGQwMWVhYSIsImN1c3RvbWVyIjoiQUNNRSBMdGQiLCJwcm9kdWN0IjoicCIsImlhdCI6MTc5NTYzOTY4OCwiZWRpdGlvbiI6ImNvbW11bml0eSIsInpvbmUiOiJBc2lhL1NoYW5naGFpIiwiY29sbGVjdG9ycyI6eyJ3aW5kb3ciOjMwMCwiZHdlbGwiOjB9LCJnYXBzIjoib2JzZXJ2ZWQiLCJzdXBwb3J0IjoiNXg4IiwiaW5zdGFsbGF0aW9ucyI6MX0.0F0ydBC_WMzKpJSC0nqweqMWJVR_bhV3jIP0qwVJiFLWkHLKIKzmIni4FQz7Jx96AHUD5jHKf1Tg-MgmkqzMBA','QbW3t8DggIcvfbr0KAQlY9OXlIMgCDFH00-Tl6doDd0',2);
CREATE TABLE publications (
  target TEXT NOT NULL,
  document TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  PRIMARY KEY (target, document)
) STRICT;
CREATE TABLE releases (
  product TEXT NOT NULL,
  version TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  jws TEXT NOT NULL,
  kid TEXT NOT NULL REFERENCES keys (thumbprint),
  intent INTEGER NOT NULL UNIQUE REFERENCES intents (id),
  PRIMARY KEY (product, version, commit_id)
) STRICT;
INSERT INTO "releases" VALUES('p','1.0','','{"ver":1,"iss":"https://license.vendor.example","iat":1795639688,"epoch":1,"product":"p","version":"1.0","released":"2026-11-20"}','eyJhbGciOiJFZERTQSIsImtpZCI6InA3aklaMk84Qmx0VVhsRjZqM21GZnYyWFNHM1QxQmZDbGxWMzlCeEVCWVEiLCJ0eXAiOiJ0YWxseS1yZWxlYXNlK2p3dCJ9.eyJ2ZXIiOjEsImlzcyI6Imh0dHBzOi8vbGljZW5zZS52ZW5kb3IuZXhhbXBsZSIsImlhdCI6MTc5NTYzOTY4OCwiZXBvY2giOjEsInByb2R1Y3QiOiJwIiwidmVyc2lvbiI6IjEuMCIsInJlbGVhc2VkIjoiMjAyNi0xMS0yMCJ9.ckyZ5ps_RzUyUFWDqsjE4EpC6yQTpAHf2f9A7AKxaGgd9RmC5L-nlOG5FnUwNGiAKpXST2gtujlxCx3Sj60CCg','p7jIZ2O8BltUXlF6j3mFfv2XSG3T1BfCllV39BxEBYQ',3);
CREATE UNIQUE INDEX intents_pending ON intents (state) WHERE state = 'pending';
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
  BEGIN SELECT RAISE (ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
  BEGIN SELECT RAISE (ABORT, 'the audit log is append-only'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('intents',4);
