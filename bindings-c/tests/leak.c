/* Forgets a text on purpose. The test run fails unless both leak checkers say so: a checker that sees nothing proves nothing. */
#include "check.h"

int main(void) {
    tt_string id = {NULL, 0};
    OK(tt_workspace_id(TT_TEXT("/home/me/clone/.git"), TT_TEXT("0123456789abcdef0123456789abcdef"), &id));
    id.data = NULL;
    return 0;
}
