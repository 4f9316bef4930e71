#include "bare_table.h"

#include <stdlib.h>
#include <string.h>

enum { WHEEL = 4096, NONE = 0xFFFFFFFFu, STRETCH = 64 };

typedef struct {
  uint64_t high, low;
  uint32_t last;
  uint32_t next;
  uint32_t used;
  uint32_t online;
} entry;

struct bare_table {
  entry *entries;
  size_t capacity;
  uint32_t window;
  uint32_t now;
  uint64_t online;
  uint32_t heads[WHEEL];
};

bare_table *bare_table_new(size_t keys, uint32_t window) {
  bare_table *table = malloc(sizeof *table);
  if (!table) return NULL;
  table->capacity = keys <= 1 << 18 ? 2 * keys : keys + keys / 4;
  size_t size = (table->capacity * sizeof(entry) + 63) / 64 * 64;
  table->entries = aligned_alloc(64, size);
  if (!table->entries) {
    free(table);
    return NULL;
  }
  memset(table->entries, 0, size);
  memset(table->heads, 0xFF, sizeof table->heads);
  table->window = window;
  table->now = 1;
  table->online = 0;
  return table;
}

void bare_table_free(bare_table *table) {
  free(table->entries);
  free(table);
}

static inline size_t place(const bare_table *table, uint64_t high) {
  return (size_t)(((unsigned __int128)high * table->capacity) >> 64);
}

static inline void file(bare_table *table, size_t slot, uint32_t due) {
  uint32_t *head = &table->heads[due % WHEEL];
  table->entries[slot].next = *head;
  *head = (uint32_t)slot;
}

static inline void beat(bare_table *table, bare_key key) {
  size_t slot = place(table, key.high);
  entry *entries = table->entries;
  for (;;) {
    entry *entry = &entries[slot];
    if (((entry->high ^ key.high) | (entry->low ^ key.low)) == 0 && entry->used) {
      entry->last = table->now;
      if (entry->online) return;
      break;
    }
    if (!entry->used) {
      entry->high = key.high;
      entry->low = key.low;
      entry->last = table->now;
      entry->used = 1;
      break;
    }
    if (++slot == table->capacity) slot = 0;
  }
  entries[slot].online = 1;
  table->online++;
  file(table, slot, table->now + table->window);
}

void bare_table_beats(bare_table *table, const bare_key *keys, size_t count) {
  for (size_t index = 0; index < count; index++) beat(table, keys[index]);
}

void bare_table_ahead(bare_table *table, const bare_key *keys, size_t count) {
  for (size_t start = 0; start < count; start += STRETCH) {
    size_t end = start + STRETCH < count ? start + STRETCH : count;
    for (size_t index = start; index < end; index++)
      __builtin_prefetch(&table->entries[place(table, keys[index].high)], 1);
    for (size_t index = start; index < end; index++) beat(table, keys[index]);
  }
}

void bare_table_tick(bare_table *table) {
  table->now++;
  uint32_t *head = &table->heads[table->now % WHEEL];
  uint32_t slot = *head;
  *head = NONE;
  while (slot != NONE) {
    entry *entry = &table->entries[slot];
    uint32_t next = entry->next;
    uint32_t due = entry->last + table->window;
    if (due <= table->now) {
      entry->online = 0;
      table->online--;
    } else {
      file(table, slot, due);
    }
    slot = next;
  }
}

uint64_t bare_table_online(const bare_table *table) { return table->online; }
