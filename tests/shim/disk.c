/* A disk that can be cut off, for tests: loaded before libc into the server.
 *
 * SHIM_SHADOW=folder   keeps, under the same names, each file as of its last fsync or fdatasync: what a power cut
 *                      would leave at worst. A file that was never flushed is not there.
 * SHIM_FULL=file       while that file exists, writes to database files fail with ENOSPC.
 * SHIM_FAILING=file    while that file exists, flushes of database files are done and reported as failed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static const char *env(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* The name of an open database file, or NULL for any other. */
static const char *database(int fd, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length <= 0) return NULL;
    path[length] = 0;
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    return strstr(name, ".db") ? name : NULL;
}

static int full(int fd) {
    const char *sign = env("SHIM_FULL");
    char path[4096];
    if (!sign || access(sign, F_OK) != 0 || !database(fd, path, sizeof path)) return 0;
    errno = ENOSPC;
    return 1;
}

static int failing(int fd) {
    const char *sign = env("SHIM_FAILING");
    char path[4096];
    if (!sign || access(sign, F_OK) != 0 || !database(fd, path, sizeof path)) return 0;
    errno = EIO;
    return 1;
}

/* Names that were removed from the folder, which holds good once the folder itself is flushed. */
static char removed[16][256];
static int removals;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void forget(const char *shadow) {
    char target[8192];
    pthread_mutex_lock(&lock);
    while (removals > 0) {
        snprintf(target, sizeof target, "%s/%s", shadow, removed[--removals]);
        unlinkat(AT_FDCWD, target, 0);
    }
    pthread_mutex_unlock(&lock);
}

/* Copies the whole file: the tests' files are small. */
static void keep(int fd) {
    const char *shadow = env("SHIM_SHADOW");
    char path[4096], target[8192], partial[8200], buffer[65536];
    struct stat about;
    if (!shadow) return;
    if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) {
        forget(shadow);
        return;
    }
    const char *name = database(fd, path, sizeof path);
    if (!name) return;
    snprintf(target, sizeof target, "%s/%s", shadow, name);
    snprintf(partial, sizeof partial, "%s.new", target);
    int in = open(path, O_RDONLY | O_CLOEXEC), out = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t n;
    while (in >= 0 && out >= 0 && (n = read(in, buffer, sizeof buffer)) > 0) {
        ssize_t done = syscall(SYS_write, out, buffer, (size_t)n);
        if (done != n) abort();
    }
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    rename(partial, target);
}

/* The function of the same name that this one stands before. */
#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int fsync(int fd) {
    REAL(fsync);
    int result = real(fd);
    if (result == 0) keep(fd);
    return failing(fd) ? -1 : result;
}

int fdatasync(int fd) {
    REAL(fdatasync);
    int result = real(fd);
    if (result == 0) keep(fd);
    return failing(fd) ? -1 : result;
}

int unlink(const char *path) {
    REAL(unlink);
    int result = real(path);
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    if (result == 0 && strstr(name, ".db") && strlen(name) < sizeof removed[0]) {
        pthread_mutex_lock(&lock);
        if (removals < 16) strcpy(removed[removals++], name);
        pthread_mutex_unlock(&lock);
    }
    return result;
}

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    return full(fd) ? -1 : real(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    REAL(pwrite);
    return full(fd) ? -1 : real(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
    REAL(pwrite64);
    return full(fd) ? -1 : real(fd, data, size, at);
}
