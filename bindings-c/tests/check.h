/* What every test program needs: checks that name the line, the status and the reason. */
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tasktrail.h"

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s\n  last error: %s\n", __FILE__, __LINE__, #condition, tt_last_error_message()); \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

/* The call answers the status; when that is a failure, the thread's last error is it. */
#define EXPECT(expected, call)                                                                                    \
    do {                                                                                                          \
        const tt_status answered = (call);                                                                        \
        if (answered != (expected)) {                                                                             \
            fprintf(stderr, "%s:%d: %s\n  is %s, not %s: %s\n", __FILE__, __LINE__, #call, tt_status_name(answered), \
                    #expected, tt_last_error_message());                                                          \
            exit(1);                                                                                              \
        }                                                                                                         \
        if (answered != TT_OK) {                                                                                  \
            CHECK(tt_last_error_status() == answered);                                                            \
            CHECK(tt_last_error_message()[0] != '\0');                                                            \
            CHECK(strstr(tt_last_error_json(), tt_status_name(answered)) != NULL);                                \
        }                                                                                                         \
    } while (0)

#define OK(call) EXPECT(TT_OK, call)

#define HAS(string, part)                                                                                      \
    do {                                                                                                       \
        if (strstr((string).data, (part)) == NULL) {                                                           \
            fprintf(stderr, "%s:%d: no %s in\n  %s\n", __FILE__, __LINE__, (part), (string).data);             \
            exit(1);                                                                                           \
        }                                                                                                      \
    } while (0)

static inline void pause_ms(long ms) {
    struct timespec time = {ms / 1000, (ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}

#endif
