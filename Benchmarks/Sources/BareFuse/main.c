// The least that a FUSE file system can do: the reference side of the benchmarks.
//
// usage: BareFuse [option…] DIRECTORY      mounts until SIGINT or SIGTERM
//
//   --files N          how many generated files `tree` holds (100,000)
//   --per-folder N     how many of them one folder of `tree` holds (1,000)
//   --large FILE       what `large` is served from, by descriptor
//   --store DIRECTORY  where the bytes of files made in `work` go; without it they stay in memory
//   --splice           moves the bytes of reads by splice(2) instead of read(2) and writev(2)
//   --passthrough      lets the kernel read and write `large`, and files of --store, by itself
//   --timeout SECONDS  how long the kernel believes names and attributes (3600)
//   --threads N        how many threads receive calls (8)
//
// The mount:  tree/d0 … tree/dN/f0 …   generated: `fK` is K bytes long (modulo 10,000) and reads as
//                                      zeros; numbered through all folders
//             work/                    files can be made, written, read, renamed and deleted here
//             large                    with --large

#define _GNU_SOURCE
#include "../../../Sources/CFuse3/shim.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { rootInode = FUSE_ROOT_ID, treeInode = 2, workInode = 3, largeInode = 4 };
static const uint64_t folderBase = UINT64_C(1) << 32;
static const uint64_t fileBase = UINT64_C(2) << 32;
static const uint64_t madeBase = UINT64_C(3) << 32;

static struct {
    uint64_t files, perFolder;
    int large, store;
    off_t largeSize;
    bool splice, passthrough;
    double timeout;
    int threads;
} options = {.files = 100000, .perFolder = 1000, .large = -1, .store = -1, .timeout = 3600, .threads = 8};

static struct fuse_session *session;

// MARK: Files made in `work`

// Never freed while the kernel may know them; numbers are not used again.
struct made {
    struct made *next; // of the same bucket
    char *name; // NULL once deleted
    uint64_t inode;
    int descriptor; // with --store, else -1
    int32_t backing;
    unsigned opens;
    unsigned char *bytes;
    size_t size, capacity;
    mode_t mode;
    struct timespec modified;
};

enum { bucketCount = 4096, madeMax = 1 << 22 };
static struct made *buckets[bucketCount];
static struct made **made; // by number
static uint64_t madeCount;
static pthread_rwlock_t madeLock = PTHREAD_RWLOCK_INITIALIZER;

static unsigned bucket(const char *name) {
    unsigned hash = 5381;
    while (*name) hash = hash * 33 + (unsigned char)*name++;
    return hash % bucketCount;
}

static struct made *findMade(const char *name) {
    struct made *file = buckets[bucket(name)];
    while (file && strcmp(file->name, name) != 0) file = file->next;
    return file;
}

static struct made *madeFile(uint64_t inode) {
    uint64_t number = inode - madeBase;
    return inode >= madeBase && number < madeCount ? made[number] : NULL;
}

static void linkMade(struct made *file, const char *name) {
    file->name = strdup(name);
    file->next = buckets[bucket(name)];
    buckets[bucket(name)] = file;
}

static void unlinkMade(struct made *file) {
    struct made **place = &buckets[bucket(file->name)];
    while (*place != file) place = &(*place)->next;
    *place = file->next;
    free(file->name);
    file->name = NULL;
}

// Gives back the bytes of a deleted file that nobody has open.
static void dropIfUnused(struct made *file) {
    if (file->name || file->opens) return;
    free(file->bytes);
    file->bytes = NULL;
    file->size = file->capacity = 0;
    if (file->descriptor >= 0) close(file->descriptor);
    file->descriptor = -1;
}

static int resizeMade(struct made *file, size_t size) {
    if (file->descriptor >= 0) {
        if (ftruncate(file->descriptor, (off_t)size) != 0) return errno;
    } else if (size > file->capacity) {
        size_t capacity = file->capacity ? file->capacity : 4096;
        while (capacity < size) capacity *= 2;
        unsigned char *bytes = realloc(file->bytes, capacity);
        if (!bytes) return ENOMEM;
        file->bytes = bytes;
        file->capacity = capacity;
    }
    if (file->descriptor < 0 && size > file->size)
        memset(file->bytes + file->size, 0, size - file->size);
    file->size = size;
    return 0;
}

// MARK: Attributes

static uint64_t folderCount(void) {
    return (options.files + options.perFolder - 1) / options.perFolder;
}

static int attributes(uint64_t inode, struct stat *status) {
    memset(status, 0, sizeof *status);
    status->st_ino = inode;
    status->st_uid = getuid();
    status->st_gid = getgid();
    status->st_mtim.tv_sec = status->st_ctim.tv_sec = status->st_atim.tv_sec = 1700000000;
    status->st_nlink = 1;
    status->st_mode = S_IFREG | 0644;
    if (inode <= workInode || (inode >= folderBase && inode < fileBase)) {
        status->st_mode = S_IFDIR | 0755;
        status->st_nlink = 2;
    } else if (inode == largeInode) {
        status->st_size = options.largeSize;
    } else if (inode < madeBase) {
        status->st_size = (off_t)((inode - fileBase) % 10000);
    } else {
        struct made *file = madeFile(inode);
        if (!file) return ENOENT;
        status->st_size = (off_t)file->size;
        status->st_mode = S_IFREG | file->mode;
        status->st_mtim = status->st_ctim = file->modified;
    }
    status->st_blocks = (status->st_size + 511) / 512;
    return 0;
}

static struct fuse_entry_param entryOf(uint64_t inode) {
    struct fuse_entry_param entry = {
        .ino = inode, .attr_timeout = options.timeout, .entry_timeout = options.timeout};
    if (inode) attributes(inode, &entry.attr);
    return entry;
}

// The number behind a letter, or UINT64_MAX.
static uint64_t numberIn(const char *name, char letter) {
    char *end;
    if (name[0] != letter || name[1] < '0' || name[1] > '9') return UINT64_MAX;
    uint64_t number = strtoull(name + 1, &end, 10);
    return *end ? UINT64_MAX : number;
}

// The inode of a name, or 0.
static uint64_t find(uint64_t parent, const char *name) {
    if (parent == rootInode) {
        if (strcmp(name, "tree") == 0) return treeInode;
        if (strcmp(name, "work") == 0) return workInode;
        return strcmp(name, "large") == 0 && options.large >= 0 ? largeInode : 0;
    }
    if (parent == treeInode) {
        uint64_t folder = numberIn(name, 'd');
        return folder < folderCount() ? folderBase + folder : 0;
    }
    if (parent == workInode) {
        struct made *file = findMade(name);
        return file ? file->inode : 0;
    }
    uint64_t file = numberIn(name, 'f');
    bool isHere = file < options.files && file / options.perFolder == parent - folderBase;
    return isHere ? fileBase + file : 0;
}

// MARK: Calls about names

static void lookUp(fuse_req_t request, fuse_ino_t parent, const char *name) {
    pthread_rwlock_rdlock(&madeLock);
    struct fuse_entry_param entry = entryOf(find(parent, name));
    pthread_rwlock_unlock(&madeLock);
    fuse_reply_entry(request, &entry);
}

static void forget(fuse_req_t request, fuse_ino_t inode, uint64_t count) {
    (void)inode, (void)count;
    fuse_reply_none(request);
}

static void forgetMany(fuse_req_t request, size_t count, struct fuse_forget_data *forgets) {
    (void)count, (void)forgets;
    fuse_reply_none(request);
}

static void getAttributes(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *file) {
    (void)file;
    struct stat status;
    pthread_rwlock_rdlock(&madeLock);
    int error = attributes(inode, &status);
    pthread_rwlock_unlock(&madeLock);
    if (error) fuse_reply_err(request, error);
    else fuse_reply_attr(request, &status, options.timeout);
}

static void setAttributes(
    fuse_req_t request, fuse_ino_t inode, struct stat *values, int mask,
    struct fuse_file_info *information) {
    (void)information;
    int error = 0;
    pthread_rwlock_wrlock(&madeLock);
    struct made *file = madeFile(inode);
    if (file) {
        if (mask & FUSE_SET_ATTR_MODE) file->mode = values->st_mode & 07777;
        if (mask & FUSE_SET_ATTR_MTIME) file->modified = values->st_mtim;
        if (mask & FUSE_SET_ATTR_MTIME_NOW) clock_gettime(CLOCK_REALTIME, &file->modified);
        if (mask & FUSE_SET_ATTR_SIZE) error = resizeMade(file, (size_t)values->st_size);
    } else {
        error = EPERM;
    }
    pthread_rwlock_unlock(&madeLock);
    if (error) fuse_reply_err(request, error);
    else getAttributes(request, inode, NULL);
}

static void removeName(fuse_req_t request, fuse_ino_t parent, const char *name) {
    pthread_rwlock_wrlock(&madeLock);
    struct made *file = parent == workInode ? findMade(name) : NULL;
    if (file) {
        unlinkMade(file);
        dropIfUnused(file);
    }
    pthread_rwlock_unlock(&madeLock);
    fuse_reply_err(request, file ? 0 : parent == workInode ? ENOENT : EPERM);
}

static void renameFile(
    fuse_req_t request, fuse_ino_t parent, const char *name, fuse_ino_t newParent,
    const char *newName, unsigned flags) {
    pthread_rwlock_wrlock(&madeLock);
    bool isHere = parent == workInode && newParent == workInode && flags == 0;
    struct made *file = isHere ? findMade(name) : NULL;
    struct made *replaced = file ? findMade(newName) : NULL;
    if (file && file != replaced) {
        if (replaced) {
            unlinkMade(replaced);
            dropIfUnused(replaced);
        }
        unlinkMade(file);
        linkMade(file, newName);
    }
    pthread_rwlock_unlock(&madeLock);
    fuse_reply_err(request, file ? 0 : isHere ? ENOENT : EPERM);
}

static void statistics(fuse_req_t request, fuse_ino_t inode) {
    (void)inode;
    struct statvfs values = {.f_bsize = 4096, .f_frsize = 4096, .f_namemax = 255};
    values.f_blocks = values.f_bfree = values.f_bavail = 1 << 28;
    fuse_reply_statfs(request, &values);
}

// MARK: Calls about open files

static int32_t backingOf(int descriptor) {
    if (!options.passthrough || descriptor < 0) return 0;
    int backing = fuse_shim_open_backing(fuse_session_fd(session), descriptor);
    return backing > 0 ? backing : 0;
}

// With the lock held. An inode that is open by one backing file cannot be opened by another.
static int32_t openBacking(uint64_t inode) {
    static int32_t largeBacking;
    if (inode == largeInode) {
        if (!largeBacking) largeBacking = backingOf(options.large);
        return largeBacking;
    }
    struct made *file = madeFile(inode);
    if (!file) return 0;
    file->opens++;
    if (!file->backing) file->backing = backingOf(file->descriptor);
    return file->backing;
}

static void openFile(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *information) {
    pthread_rwlock_wrlock(&madeLock);
    int32_t backing = openBacking(inode);
    struct made *file = madeFile(inode);
    if (file && (information->flags & O_TRUNC)) resizeMade(file, 0);
    pthread_rwlock_unlock(&madeLock);
    if (backing) {
        fuse_shim_reply_open_backed(request, inode, backing);
        return;
    }
    information->keep_cache = 1;
    fuse_reply_open(request, information);
}

static void createFile(
    fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode,
    struct fuse_file_info *information) {
    if (parent != workInode) {
        fuse_reply_err(request, EPERM);
        return;
    }
    int descriptor = -1;
    if (options.store >= 0) {
        descriptor = openat(options.store, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (descriptor < 0) {
            fuse_reply_err(request, errno);
            return;
        }
    }
    struct made *file = calloc(1, sizeof *file);
    pthread_rwlock_wrlock(&madeLock);
    if (!file || madeCount == madeMax || findMade(name)) {
        int error = file && madeCount < madeMax ? EEXIST : ENOSPC;
        pthread_rwlock_unlock(&madeLock);
        free(file);
        if (descriptor >= 0) close(descriptor);
        fuse_reply_err(request, error);
        return;
    }
    file->inode = madeBase + madeCount;
    file->descriptor = descriptor;
    file->mode = mode & 07777;
    clock_gettime(CLOCK_REALTIME, &file->modified);
    made[madeCount++] = file;
    linkMade(file, name);
    int32_t backing = openBacking(file->inode);
    struct fuse_entry_param entry = entryOf(file->inode);
    pthread_rwlock_unlock(&madeLock);
    if (backing) fuse_shim_reply_create_backed(request, &entry, file->inode, backing);
    else fuse_reply_create(request, &entry, information);
}

// Reads into memory that the thread keeps, or leaves the moving to splice(2).
static void replyFromDescriptor(fuse_req_t request, int descriptor, size_t count, off_t offset) {
    if (options.splice) {
        struct fuse_bufvec bytes = FUSE_BUFVEC_INIT(count);
        bytes.buf[0].flags = FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK;
        bytes.buf[0].fd = descriptor;
        bytes.buf[0].pos = offset;
        fuse_reply_data(request, &bytes, 0);
        return;
    }
    enum { capacity = 1 << 20 };
    static _Thread_local char *memory;
    if (!memory) memory = aligned_alloc(4096, capacity);
    ssize_t done = memory ? pread(descriptor, memory, count < capacity ? count : capacity, offset) : -1;
    if (done < 0) fuse_reply_err(request, memory ? errno : ENOMEM);
    else fuse_reply_buf(request, memory, (size_t)done);
}

static void readFile(
    fuse_req_t request, fuse_ino_t inode, size_t count, off_t offset, struct fuse_file_info *information) {
    (void)information;
    static const char zeros[10000];
    if (inode == largeInode) {
        replyFromDescriptor(request, options.large, count, offset);
        return;
    }
    pthread_rwlock_rdlock(&madeLock);
    struct made *file = madeFile(inode);
    if (file && file->descriptor >= 0) {
        int descriptor = file->descriptor;
        pthread_rwlock_unlock(&madeLock);
        replyFromDescriptor(request, descriptor, count, offset);
        return;
    }
    size_t size = file ? file->size : (inode - fileBase) % 10000;
    size_t start = (size_t)offset < size ? (size_t)offset : size;
    size_t rest = size - start < count ? size - start : count;
    fuse_reply_buf(request, file ? (const char *)file->bytes + start : zeros, rest);
    pthread_rwlock_unlock(&madeLock);
}

static void writeFile(
    fuse_req_t request, fuse_ino_t inode, const char *bytes, size_t count, off_t offset,
    struct fuse_file_info *information) {
    (void)information;
    int error = 0;
    size_t end = (size_t)offset + count;
    pthread_rwlock_wrlock(&madeLock);
    struct made *file = madeFile(inode);
    int descriptor = file ? file->descriptor : -1;
    if (!file) error = EPERM;
    else if (descriptor >= 0) file->size = end > file->size ? end : file->size;
    else if (end > file->size) error = resizeMade(file, end);
    if (!error && descriptor < 0) memcpy(file->bytes + offset, bytes, count);
    pthread_rwlock_unlock(&madeLock);
    if (!error && descriptor >= 0 && pwrite(descriptor, bytes, count, offset) != (ssize_t)count)
        error = EIO;
    if (error) fuse_reply_err(request, error);
    else fuse_reply_write(request, count);
}

static void succeed(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *information) {
    (void)inode, (void)information;
    fuse_reply_err(request, 0);
}

// Locks: always granted.
static void testLock(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *information, struct flock *lock) {
    (void)inode, (void)information;
    lock->l_type = F_UNLCK;
    fuse_reply_lock(request, lock);
}

static void setLock(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *information, struct flock *lock,
                    int waits) {
    (void)inode, (void)information, (void)lock, (void)waits;
    fuse_reply_err(request, 0);
}

static void lockFile(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *information, int operation) {
    (void)inode, (void)information, (void)operation;
    fuse_reply_err(request, 0);
}

static void releaseFile(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *information) {
    (void)information;
    pthread_rwlock_wrlock(&madeLock);
    struct made *file = madeFile(inode);
    if (file && --file->opens == 0) {
        struct stat status;
        // With passthrough nobody said how large the file became.
        if (file->descriptor >= 0 && fstat(file->descriptor, &status) == 0)
            file->size = (size_t)status.st_size;
        if (file->backing) fuse_shim_close_backing(fuse_session_fd(session), file->backing);
        file->backing = 0;
        dropIfUnused(file);
    }
    pthread_rwlock_unlock(&madeLock);
    fuse_reply_err(request, 0);
}

static void synchronize(
    fuse_req_t request, fuse_ino_t inode, int dataOnly, struct fuse_file_info *information) {
    (void)inode, (void)dataOnly, (void)information;
    fuse_reply_err(request, 0);
}

// MARK: Listings

// The inode of the entry at an offset, with its name; 0 behind the last one.
static uint64_t entryAt(uint64_t directory, uint64_t *offset, char name[32]) {
    if (directory == rootInode) {
        static const char *names[] = {"tree", "work", "large"};
        if (*offset >= (options.large >= 0 ? 3u : 2u)) return 0;
        strcpy(name, names[*offset]);
        return treeInode + (*offset)++;
    }
    if (directory == treeInode) {
        if (*offset >= folderCount()) return 0;
        snprintf(name, 32, "d%llu", (unsigned long long)*offset);
        return folderBase + (*offset)++;
    }
    if (directory == workInode) {
        while (*offset < madeCount && (!made[*offset]->name || strlen(made[*offset]->name) > 31))
            ++*offset;
        if (*offset >= madeCount) return 0;
        strcpy(name, made[*offset]->name);
        return made[(*offset)++]->inode;
    }
    uint64_t file = (directory - folderBase) * options.perFolder + *offset;
    if (*offset >= options.perFolder || file >= options.files) return 0;
    ++*offset;
    snprintf(name, 32, "f%llu", (unsigned long long)file);
    return fileBase + file;
}

static void list(fuse_req_t request, fuse_ino_t directory, size_t capacity, off_t start, bool plus) {
    char *buffer = malloc(capacity), name[32];
    size_t used = 0;
    uint64_t inode, offset = (uint64_t)start;
    if (!buffer) {
        fuse_reply_err(request, ENOMEM);
        return;
    }
    pthread_rwlock_rdlock(&madeLock);
    while ((inode = entryAt(directory, &offset, name))) {
        struct fuse_entry_param entry = entryOf(inode);
        size_t size = fuse_shim_add_entry(
            buffer + used, capacity - used, name, strlen(name), &entry, (off_t)offset, plus);
        if (size > capacity - used) break;
        used += size;
    }
    pthread_rwlock_unlock(&madeLock);
    fuse_reply_buf(request, buffer, used);
    free(buffer);
}

static void readDirectory(
    fuse_req_t request, fuse_ino_t inode, size_t capacity, off_t offset, struct fuse_file_info *information) {
    (void)information;
    list(request, inode, capacity, offset, false);
}

static void readDirectoryPlus(
    fuse_req_t request, fuse_ino_t inode, size_t capacity, off_t offset, struct fuse_file_info *information) {
    (void)information;
    list(request, inode, capacity, offset, true);
}

static void openDirectory(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *information) {
    (void)inode;
    fuse_reply_open(request, information);
}

// MARK: The session

// The same choices as the product's.
static void agree(void *data, struct fuse_conn_info *connection) {
    (void)data;
    connection->want |= FUSE_CAP_ASYNC_READ | FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_READDIRPLUS
        | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_CACHE_SYMLINKS | FUSE_CAP_EXPLICIT_INVAL_DATA;
    if (options.splice) connection->want |= FUSE_CAP_SPLICE_WRITE;
    connection->want &= connection->capable
        & ~(unsigned)(FUSE_CAP_WRITEBACK_CACHE | FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_SPLICE_READ);
    connection->max_background = 64;
    connection->congestion_threshold = 48;
}

static struct fuse_shim_offer offer;
static bool isAgreed;

static ssize_t receive(int device, void *bytes, size_t capacity, void *data) {
    (void)data;
    ssize_t count = read(device, bytes, capacity);
    if (!isAgreed && count > 0) fuse_shim_read_init(bytes, (size_t)count, &offer);
    return count;
}

static ssize_t send(int device, struct iovec *parts, int count, void *data) {
    (void)data;
    int error = 0;
    if (isAgreed || !offer.unique || fuse_shim_reply_unique(parts, count, &error) != offer.unique)
        return writev(device, parts, count);
    isAgreed = true;
    uint64_t added = fuse_shim_parallel_dirops | fuse_shim_handle_killpriv_v2
        | (options.passthrough ? fuse_shim_passthrough : 0);
    return fuse_shim_send_init(device, parts, count, offer.flags & added);
}

static ssize_t sendPipe(
    int from, off_t *fromOffset, int to, off_t *toOffset, size_t count, unsigned flags, void *data) {
    (void)data;
    return splice(from, fromOffset, to, toOffset, count, flags);
}

static void *serve(void *data) {
    (void)data;
    struct fuse_buf buffer = {0};
    while (!fuse_session_exited(session)) {
        int result = fuse_session_receive_buf(session, &buffer);
        if (result == -EINTR || result == -EAGAIN) continue;
        if (result <= 0) break;
        fuse_session_process_buf(session, &buffer);
    }
    fuse_session_exit(session);
    free(buffer.mem);
    // Wakes the main thread if somebody else unmounted.
    kill(getpid(), SIGTERM);
    return NULL;
}

static const char *parse(int count, char **words) {
    const char *directory = NULL;
    for (int i = 1; i < count; i++) {
        const char *word = words[i], *value = i + 1 < count ? words[i + 1] : "";
        bool takesValue = true;
        if (strcmp(word, "--files") == 0) options.files = strtoull(value, NULL, 10);
        else if (strcmp(word, "--per-folder") == 0) options.perFolder = strtoull(value, NULL, 10);
        else if (strcmp(word, "--timeout") == 0) options.timeout = strtod(value, NULL);
        else if (strcmp(word, "--threads") == 0) options.threads = atoi(value);
        else if (strcmp(word, "--large") == 0) {
            options.large = open(value, O_RDWR | O_CLOEXEC);
            options.largeSize = lseek(options.large, 0, SEEK_END);
            if (options.large < 0) perror(value), exit(1);
        } else if (strcmp(word, "--store") == 0) {
            options.store = open(value, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (options.store < 0) perror(value), exit(1);
        } else {
            takesValue = false;
            if (strcmp(word, "--splice") == 0) options.splice = true;
            else if (strcmp(word, "--passthrough") == 0) options.passthrough = true;
            else if (word[0] != '-' && !directory) directory = word;
            else return NULL;
        }
        if (takesValue) i++;
    }
    bool isSane = options.perFolder > 0 && options.threads > 0 && options.threads <= 64;
    return isSane ? directory : NULL;
}

int main(int count, char **words) {
    const char *directory = parse(count, words);
    if (!directory) {
        fputs("usage: BareFuse [--files N] [--per-folder N] [--large FILE] [--store DIRECTORY]\n"
              "                [--splice] [--passthrough] [--timeout SECONDS] [--threads N] DIRECTORY\n", stderr);
        return 64;
    }
    made = calloc(madeMax, sizeof *made);
    struct fuse_lowlevel_ops operations = {
        .init = agree, .lookup = lookUp, .forget = forget, .forget_multi = forgetMany,
        .getattr = getAttributes, .setattr = setAttributes, .unlink = removeName,
        .rename = renameFile, .statfs = statistics, .open = openFile, .create = createFile,
        .read = readFile, .write = writeFile, .flush = succeed, .release = releaseFile,
        .fsync = synchronize, .opendir = openDirectory, .readdir = readDirectory,
        .readdirplus = readDirectoryPlus, .releasedir = succeed,
        .getlk = testLock, .setlk = setLock, .flock = lockFile,
    };
    char *arguments[] = {"BareFuse", "-o", "fsname=bare,subtype=bare,default_permissions"};
    struct fuse_args list = FUSE_ARGS_INIT(3, arguments);
    session = fuse_session_new(&list, &operations, sizeof operations, NULL);
    if (!made || !session || fuse_session_mount(session, directory) != 0) return 1;
    struct fuse_custom_io hooks = {.read = receive, .writev = send};
    if (options.splice) hooks.splice_send = sendPipe;
    if (fuse_session_custom_io(session, &hooks, fuse_session_fd(session)) != 0) return 1;

    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    pthread_t threads[64];
    for (int i = 0; i < options.threads; i++)
        if (pthread_create(&threads[i], NULL, serve, NULL) != 0) return 1;
    int signal;
    sigwait(&ends, &signal);
    // The receivers end when the mount does; process exit closes the device.
    fuse_session_exit(session);
    fuse_session_unmount(session);
    return 0;
}
