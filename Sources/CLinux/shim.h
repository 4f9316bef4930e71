#include <malloc.h>
#include <sys/prctl.h>

// prctl takes a variable number of arguments, which Swift cannot call.

static inline int tally_set_dumpable(int dumpable) {
  return prctl(PR_SET_DUMPABLE, (unsigned long)dumpable, 0UL, 0UL, 0UL);
}

static inline int tally_get_dumpable(void) {
  return prctl(PR_GET_DUMPABLE, 0UL, 0UL, 0UL, 0UL);
}

// By itself glibc raises these limits with every large block that is freed, up to 32 MiB: what is freed
// below them stays with the process.
static inline void tally_return_free_memory(void) {
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  mallopt(M_TRIM_THRESHOLD, 128 * 1024);
}
