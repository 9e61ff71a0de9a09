/* The whole of a trail's life on the store that the first argument names. */
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t news;
    unsigned batches;
    int heard_record;
    int heard_event;
} listener;

static void on_batch(void *userdata, const char *batch, size_t batch_len) {
    listener *own = userdata;
    CHECK(strlen(batch) == batch_len);
    CHECK(strstr(batch, "\"entries\":[") != NULL);
    pthread_mutex_lock(&own->lock);
    own->batches++;
    own->heard_record |= strstr(batch, "\"task.created\"") != NULL;
    own->heard_event |= strstr(batch, "\"phase.started\"") != NULL;
    pthread_cond_signal(&own->news);
    pthread_mutex_unlock(&own->lock);
}

static void wait_until_heard(listener *own) {
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 30;
    pthread_mutex_lock(&own->lock);
    while (!own->heard_record || !own->heard_event) {
        CHECK(pthread_cond_timedwait(&own->news, &own->lock, &deadline) == 0);
    }
    pthread_mutex_unlock(&own->lock);
}

/* The least that git takes for a repository. */
static void workspace_of_a_checkout(void) {
    char folder[] = "/tmp/tasktrail-c-XXXXXX", git[64], head[sizeof git + 8];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(git, sizeof git, "%s/.git", folder);
    snprintf(head, sizeof head, "%s/HEAD", git);
    CHECK(mkdir(git, 0700) == 0);
    FILE *file = fopen(head, "w");
    CHECK(file != NULL && fputs("ref: refs/heads/trunk\n", file) >= 0 && fclose(file) == 0);

    tt_string found = {NULL, 0};
    OK(tt_discover_workspace(folder, strlen(folder), TT_TEXT("0123456789abcdef"), &found));
    HAS(found, "{\"workspaceId\":\"ws_");
    HAS(found, "\"kind\":\"repository\",\"root\":\"");
    HAS(found, "\"branch\":\"trunk\",\"warnings\":[]}");
    tt_string_free(&found);
    CHECK(unlink(head) == 0 && rmdir(git) == 0 && rmdir(folder) == 0);
}

int main(int argc, char **argv) {
    CHECK(argc == 2);
    CHECK(strcmp(tt_version(), TT_VERSION) == 0);
    CHECK(tt_abi_version() == TT_ABI_VERSION);
    workspace_of_a_checkout();

    tt_trail *trail = NULL;
    OK(tt_trail_open(argv[1], strlen(argv[1]), TT_TEXT("{\"service\":\"c-test\",\"batchDelayMs\":5}"), &trail));

    listener own = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0};
    tt_subscription *subscription = NULL;
    OK(tt_subscribe(trail, TT_TEXT("{\"workspaceId\":\"ws_c\"}"), NULL, 0, on_batch, &own, &subscription));

    const char body[] = "{\"title\":\"Write it in C\",\"password\":\"hunter2\"}";
    tt_string audit_id = {NULL, 0};
    OK(tt_trail_record(trail,
                       TT_TEXT("{\"method\":\"POST\",\"path\":\"/api/tasks\",\"status\":201,\"workspaceId\":\"ws_c\"}"),
                       body, sizeof body - 1, &audit_id));
    CHECK(audit_id.len == 36 && audit_id.data[36] == '\0');
    OK(tt_trail_record(trail, TT_TEXT("{\"method\":\"DELETE\",\"path\":\"/api/tasks/7\",\"status\":204}"), NULL, 0, NULL));

    tt_string answer = {NULL, 0};
    OK(tt_trail_emit(trail,
                     TT_TEXT("{\"type\":\"phase.started\",\"data\":{\"projectNumber\":42,\"phaseNumber\":1,"
                             "\"phaseName\":\"Build\",\"totalItems\":3}}"),
                     TT_TEXT("{\"workspaceId\":\"ws_c\",\"runId\":\"run-1\"}"), &answer));
    HAS(answer, "\"accepted\":true");
    HAS(answer, "\"durable\":"); /* false where the store took over a second, as it may under valgrind on a busy machine */
    tt_string_free(&answer);

    tt_string stats = {NULL, 0};
    OK(tt_trail_flush(trail, 10000, &stats));
    HAS(stats, "\"stored\":4"); /* with the trail's own `audit.started` */
    tt_string_free(&stats);

    tt_string page = {NULL, 0};
    OK(tt_trail_query(trail, TT_TEXT("{\"workspaceId\":\"ws_c\",\"limit\":10}"), &page));
    HAS(page, "\"total\":2");
    HAS(page, audit_id.data);
    CHECK(page.len == strlen(page.data));
    tt_string_free(&page);
    OK(tt_trail_query(trail, NULL, 0, &page));
    HAS(page, "\"limit\":50");
    tt_string_free(&page);

    tt_string record = {NULL, 0};
    OK(tt_trail_get(trail, audit_id.data, audit_id.len, &record));
    HAS(record, "Write it in C");
    HAS(record, "\"workspace_id\":\"ws_c\"");
    HAS(record, "\"service\":\"c-test\"");
    CHECK(strstr(record.data, "hunter2") == NULL);
    tt_string_free(&record);
    tt_string_free(&audit_id);

    wait_until_heard(&own);
    tt_subscription_free(subscription);
    const unsigned batches = own.batches;
    OK(tt_trail_record(trail, TT_TEXT("{\"method\":\"POST\",\"path\":\"/api/tasks\",\"workspaceId\":\"ws_c\"}"), NULL, 0, NULL));
    OK(tt_trail_flush(trail, 10000, NULL));
    CHECK(own.batches == batches);

    OK(tt_trail_stats(trail, &stats));
    HAS(stats, "\"store\":\"open\"");
    tt_string_free(&stats);
    OK(tt_trail_close(trail, 10000, &stats));
    HAS(stats, "\"stored\":6");
    tt_string_free(&stats);
    tt_trail_free(trail);

    pthread_cond_destroy(&own.news);
    pthread_mutex_destroy(&own.lock);
    puts("journey: ok");
    return 0;
}
