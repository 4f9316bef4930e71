#ifndef BARE_SIGNATURE_H
#define BARE_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

/* Loads the one key from its 32-byte seed; 0 where OpenSSL will not. Called once, before everything else. */
int bare_load(const uint8_t *seed);
/* Whether a signature of 64 bytes verifies under the key. */
int bare_verify(const uint8_t *signature, const uint8_t *message, size_t length);
/* Signs with the key; 0 where OpenSSL will not. */
int bare_sign(const uint8_t *message, size_t length, uint8_t *signature);

#endif
