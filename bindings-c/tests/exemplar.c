/* Reads the exemplar from the store that the first argument names and compares it, byte by byte, with the file that the second names. */
#include "check.h"

static char *whole_file(const char *path) {
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    CHECK(fseek(file, 0, SEEK_END) == 0);
    const long size = ftell(file);
    CHECK(size > 0 && fseek(file, 0, SEEK_SET) == 0);
    char *text = malloc((size_t)size + 1);
    CHECK(text != NULL);
    CHECK(fread(text, 1, (size_t)size, file) == (size_t)size);
    text[size] = '\0';
    fclose(file);
    return text;
}

int main(int argc, char **argv) {
    CHECK(argc == 3);
    char *expected = whole_file(argv[2]);
    tt_trail *trail = NULL;
    OK(tt_trail_open(argv[1], strlen(argv[1]), NULL, 0, &trail));

    const char id_field[] = "{\"audit_id\":\"";
    int records = 0;
    for (char *line = strtok(expected, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (line[0] != '{') continue; /* the array's brackets */
        size_t length = strlen(line);
        if (line[length - 1] == ',') length--;
        CHECK(strncmp(line, id_field, sizeof id_field - 1) == 0);
        tt_string record = {NULL, 0};
        OK(tt_trail_get(trail, line + sizeof id_field - 1, 36, &record));
        CHECK(record.len == length);
        CHECK(memcmp(record.data, line, length) == 0);
        tt_string_free(&record);
        records++;
    }
    CHECK(records > 40);

    OK(tt_trail_close(trail, 10000, NULL));
    tt_trail_free(trail);
    free(expected);
    printf("exemplar: %d records\n", records);
    return 0;
}
