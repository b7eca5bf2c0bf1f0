package dataplane

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// LinkWatcher follows the node's interfaces and addresses.
type LinkWatcher struct {
	// Changes tells, without saying what, that something changed; several changes may be told once.
	Changes <-chan struct{}

	mutex sync.Mutex
	down  map[string]bool
}

// WatchLinks follows the interfaces of the network namespace until the context ends.
func WatchLinks(ctx context.Context) (*LinkWatcher, error) {
	socket, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("netlink: %w", err)
	}
	groups := uint32(unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR)
	err = unix.Bind(socket, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups})
	if err == nil { // so that the reader looks at the context now and then
		err = unix.SetsockoptTimeval(socket, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1})
	}
	if err != nil {
		_ = unix.Close(socket)
		return nil, fmt.Errorf("netlink: %w", err)
	}
	changes := make(chan struct{}, 1)
	watcher := &LinkWatcher{Changes: changes, down: make(map[string]bool)}
	go func() {
		defer func() { _ = unix.Close(socket) }()
		watcher.read(ctx, socket, changes)
	}()
	return watcher, nil
}

// TakeDown are the interfaces that were seen down since the last call, even if they are up
// again: the routes through them are gone, or no longer wanted.
func (watcher *LinkWatcher) TakeDown() map[string]bool {
	watcher.mutex.Lock()
	defer watcher.mutex.Unlock()
	taken := watcher.down
	watcher.down = make(map[string]bool)
	return taken
}

func (watcher *LinkWatcher) read(ctx context.Context, socket int, changes chan<- struct{}) {
	buffer := make([]byte, 1<<16)
	for ctx.Err() == nil {
		length, _, err := unix.Recvfrom(socket, buffer, 0)
		switch err {
		case nil:
			watcher.note(buffer[:length])
		case unix.EAGAIN, unix.EINTR:
			continue
		case unix.ENOBUFS: // messages were lost: something changed
		default:
			return
		}
		select {
		case changes <- struct{}{}:
		default:
		}
	}
}

// note remembers the interfaces of messages that say an interface carries no packets.
func (watcher *LinkWatcher) note(packet []byte) {
	messages, err := syscall.ParseNetlinkMessage(packet)
	if err != nil {
		return
	}
	for _, message := range messages {
		if message.Header.Type != unix.RTM_NEWLINK || len(message.Data) < unix.SizeofIfInfomsg {
			continue
		}
		const flagsOffset = 8 // of ifinfomsg
		if binary.NativeEndian.Uint32(message.Data[flagsOffset:])&unix.IFF_RUNNING != 0 {
			continue
		}
		attributes, err := syscall.ParseNetlinkRouteAttr(&message)
		if err != nil {
			continue
		}
		watcher.mutex.Lock()
		for _, attribute := range attributes {
			if attribute.Attr.Type == unix.IFLA_IFNAME {
				watcher.down[strings.TrimRight(string(attribute.Value), "\x00")] = true
			}
		}
		watcher.mutex.Unlock()
	}
}
