/*
 * full_disk.c: preloaded into a server, makes the disk look full for the files whose path
 * contains what stands in the file named by SMSTRACK_FULL_DISK; an empty or missing file
 * leaves room. Only what makes a file longer fails: what is there can be overwritten, as
 * on a disk that is full.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Reads the word that full paths contain; false if there is none. */
static bool
full_for(char *word, size_t size)
{
	const char *name = getenv("SMSTRACK_FULL_DISK");
	int fd = name == NULL ? -1 : open(name, O_RDONLY);
	ssize_t length = fd < 0 ? 0 : read(fd, word, size - 1);

	if (fd >= 0)
		close(fd);
	word[length < 0 ? 0 : length] = '\0';
	return length > 0;
}

/* Tells whether a file may not grow up to an end. */
static bool
is_full(int fd, off_t end)
{
	char word[64];
	char link[64];
	char path[4096];
	struct stat status;
	ssize_t length;

	if (!full_for(word, sizeof(word)) || fstat(fd, &status) != 0 || end <= status.st_size)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return false;
	path[length] = '\0';
	return strstr(path, word) != NULL;
}

#define REAL(type, name) ((type) dlsym(RTLD_NEXT, name))

typedef ssize_t (*PwriteFunction)(int, const void *, size_t, off_t);
typedef ssize_t (*PwritevFunction)(int, const struct iovec *, int, off_t);
typedef ssize_t (*WriteFunction)(int, const void *, size_t);
typedef int (*AllocateFunction)(int, off_t, off_t);

ssize_t
pwrite(int fd, const void *bytes, size_t length, off_t at)
{
	if (is_full(fd, at + (off_t) length))
	{
		errno = ENOSPC;
		return -1;
	}
	return REAL(PwriteFunction, "pwrite")(fd, bytes, length, at);
}

ssize_t
pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
	off_t end = at;

	for (int i = 0; i < count; i++)
		end += (off_t) parts[i].iov_len;
	if (is_full(fd, end))
	{
		errno = ENOSPC;
		return -1;
	}
	return REAL(PwritevFunction, "pwritev")(fd, parts, count, at);
}

ssize_t
write(int fd, const void *bytes, size_t length)
{
	if (is_full(fd, lseek(fd, 0, SEEK_CUR) + (off_t) length))
	{
		errno = ENOSPC;
		return -1;
	}
	return REAL(WriteFunction, "write")(fd, bytes, length);
}

int
posix_fallocate(int fd, off_t at, off_t length)
{
	return is_full(fd, at + length) ? ENOSPC
									: REAL(AllocateFunction, "posix_fallocate")(fd, at, length);
}

/* Some builds call them by these names. */
ssize_t pwrite64(int, const void *, size_t, off_t) __attribute__((alias("pwrite")));
ssize_t pwritev64(int, const struct iovec *, int, off_t) __attribute__((alias("pwritev")));
int posix_fallocate64(int, off_t, off_t) __attribute__((alias("posix_fallocate")));
