/* The header stands alone: nothing is included before it. Compiled as C99 and as C++11, with every warning an error. */
#include "tasktrail.h"

int main(void) {
    tt_trail *trail;
    tt_status status = tt_trail_open(TT_TEXT("memory:"), (const char *)0, 0, &trail);
    if (status == TT_OK) {
        tt_trail_free(trail);
    }
    return status == TT_OK && tt_abi_version() == TT_ABI_VERSION && tt_status_name(status)[0] == 'T' ? 0 : 1;
}
