// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel that says on the serial port where it is and what it was handed, and
 * stops. Small enough to be in every test image; it takes a moment to boot, not
 * seconds.
 *
 * mkpe puts it behind the header of a bzImage. Entered in 64-bit mode, 0x200
 * behind its begin, with the boot parameters in rsi.
 */
#include <stdint.h>

#define PORT			0x3f8
#define CMD_LINE_PTR		0x228
#define RAMDISK_IMAGE		0x218
#define RAMDISK_SIZE		0x21c
#define EXT_RAMDISK_IMAGE	0x0c0
#define EXT_RAMDISK_SIZE	0x0c4
#define EXT_CMD_LINE_PTR	0x0c8

__asm__(".section .head,\"ax\"\n"
	".skip 0x200, 0xf4\n"
	"mov %rsi, %rdi\n"
	"jmp tiny_main\n");

static void out(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void put(char c)
{
	while (!(in(PORT + 5) & 0x20))
		;
	out(PORT, c);
}

static void say(const char *text)
{
	while (*text)
		put(*text++);
}

static void number(uint64_t value)
{
	if (value >= 10)
		number(value / 10);
	put('0' + value % 10);
}

static void address(uint64_t value)
{
	if (value >= 16)
		address(value / 16);
	put("0123456789abcdef"[value % 16]);
}

static uint64_t field(const uint8_t *params, unsigned int low,
		      unsigned int high)
{
	return *(const uint32_t *)(params + low) |
	       (uint64_t)*(const uint32_t *)(params + high) << 32;
}

__attribute__((noreturn)) void tiny_main(const uint8_t *params)
{
	const char *cmdline = (const char *)field(params, CMD_LINE_PTR,
						  EXT_CMD_LINE_PTR);
	uint64_t size = field(params, RAMDISK_SIZE, EXT_RAMDISK_SIZE);
	const uint8_t *initrd = (const uint8_t *)field(params, RAMDISK_IMAGE,
						       EXT_RAMDISK_IMAGE);
	uint64_t sum = 0, i;

	for (i = 0; i < size; i++)
		sum += initrd[i];
	say("\r\ntiny kernel at 0x");
	address((uint64_t)tiny_main);
	say(": command line '");
	say(cmdline ? cmdline : "");
	say("', initrd of ");
	number(size);
	say(" bytes with sum ");
	number(sum);
	say("\r\n");
	for (;;)
		__asm__ volatile("cli; hlt");
}
