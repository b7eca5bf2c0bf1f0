package dataplane

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"
)

// WatchLinks tells, without saying what, whenever an interface or an address of the node
// changed, until the context ends. Several changes may be told once.
func WatchLinks(ctx context.Context) (<-chan struct{}, error) {
	socket, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("netlink: %w", err)
	}
	groups := uint32(unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR)
	if err := unix.Bind(socket, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		unix.Close(socket)
		return nil, fmt.Errorf("netlink: %w", err)
	}
	// So that the reader looks at the context now and then.
	if err := unix.SetsockoptTimeval(socket, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1}); err != nil {
		unix.Close(socket)
		return nil, fmt.Errorf("netlink: %w", err)
	}
	changes := make(chan struct{}, 1)
	go func() {
		defer unix.Close(socket)
		buffer := make([]byte, 1<<16)
		for ctx.Err() == nil {
			_, _, err := unix.Recvfrom(socket, buffer, 0)
			if err == unix.EAGAIN || err == unix.EINTR {
				continue
			}
			// ENOBUFS means that messages were lost: something changed then, too.
			if err != nil && err != unix.ENOBUFS {
				return
			}
			select {
			case changes <- struct{}{}:
			default:
			}
		}
	}()
	return changes, nil
}
