#ifndef BARE_TABLE_H
#define BARE_TABLE_H

#include <stddef.h>
#include <stdint.h>

/// What counting is measured against: a bare open-addressing table of 128-bit keys with expiry, and
/// nothing else. Linear probing at a load of at most three quarters, entries of 32 bytes that lie in one
/// cache line, the last beat of each, a timing wheel of lists, the number that is online.
/// Nothing of dwell, weights, limits, byes, segments or journal; no bounds, no copies, no growth.

typedef struct { uint64_t high, low; } bare_key;
typedef struct bare_table bare_table;

/// A table for so many keys, NULL without memory.
bare_table *bare_table_new(size_t keys, uint32_t window);
void bare_table_free(bare_table *table);
/// Takes beats one after the other.
void bare_table_beats(bare_table *table, const bare_key *keys, size_t count);
/// The same, with the places of 64 beats fetched before they are taken.
void bare_table_ahead(bare_table *table, const bare_key *keys, size_t count);
/// Ends the second, and drops who was silent for a window.
void bare_table_tick(bare_table *table);
uint64_t bare_table_online(const bare_table *table);

#endif
